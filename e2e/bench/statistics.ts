/** Summaries of repeated measurements. */

/** Times in milliseconds. */
export interface Summary {
  median: number;
  /** First and third quartile. */
  low: number;
  high: number;
  count: number;
}

/** The value below which the fraction `q` of the sorted values lies, linear between neighbours. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, median, high] = [0.25, 0.5, 0.75].map((q) => quantile(sorted, q));
  return { median, low, high, count: sorted.length };
}

/** Largest difference that counts as agreement, relative to losses above 1. */
export const AGREEMENT = 1e-4;

export const agrees = (a: number, b: number): boolean =>
  Math.abs(a - b) <= AGREEMENT * Math.max(1, Math.abs(b));

/** Middle value; of an even number the lower one, so that it is a value that some library had. */
export function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
