/**
 * The stored cases of the kernel self-check: inputs as descriptions, values of the float64 reference compressed. Few values are
 * quantized to levels; of many only their sums with random signs are kept, which an error in any of them moves.
 */
import { hashString, Random } from '../random';
import { caseSeed, type InputSpecs } from '../synthetic';

/** One tiny case of an op with the reference's results. */
export interface StoredCheck {
  /** Number of the case among the reference's, and of the draw: its seed follows from them. */
  index: number;
  draw?: number;
  attrs?: Record<string, unknown>;
  training?: true;
  inputs: InputSpecs;
  outputs: Record<string, StoredValues>;
  /** Absent for ops without gradient. Keys of list inputs are `name.0`, `name.1`, ... */
  gradInputs?: Record<string, StoredValues>;
}

/** Files that share the stored cases, so that a page loads little more than those of its ops. */
export const PARTS = 64;

/** The number of the file with the cases of an op. */
export const partOf = (op: string): number => hashString(op) % PARTS;

export const checkSeed = (op: string, { index, draw = 0 }: Pick<StoredCheck, 'index' | 'draw'>): number =>
  caseSeed(op, index) + 7919 * draw;

/** The largest magnitude, and a character per value; or the number of values and their sums with random signs. */
export type StoredValues =
  | [scale: number, levels: string]
  | [scale: number, count: number, ...sums: number[]];

/** More values than this are stored as sums. */
const MOST_LEVELS = 32;
const SUMS = 3;
/** Levels on each side of 0; the characters are printable ASCII, which compresses to the entropy of the levels. */
const LEVELS = 45;
const ZERO = 80;

/** As a fraction of the largest value. Looser than the tests: a broken driver is wrong by far more. */
const TOLERANCE = 0.02;

export function storeValues(values: ArrayLike<number>): StoredValues {
  const all = Array.from(values);
  const largest = all.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = Number(largest.toPrecision(4));
  if (all.length > MOST_LEVELS) {
    return [scale, all.length, ...signedSums(all).map((sum) => Number(sum.toPrecision(6)))];
  }
  // Positions and counts stay exact where they can.
  const unit = all.every(Number.isInteger) && largest <= LEVELS ? 1 : scale / LEVELS;
  const levels = all.map((value) => ZERO + (unit === 0 ? 0 : Math.round(value / unit)));
  return [unit * LEVELS, String.fromCharCode(...levels)];
}

/** Whether values are those that were stored, as far as their compression tells; zeros where there are none. */
export function matches([scale, what, ...sums]: StoredValues, given?: ArrayLike<number>): boolean {
  const values = given ?? new Float32Array(typeof what === 'number' ? what : what.length);
  const tolerance = TOLERANCE * Math.max(1e-3, scale);
  const isNear = (a: number, b: number) => Math.abs(a - b) <= tolerance;
  if (typeof what === 'number') {
    return values.length === what && signedSums(values).every((sum, i) => isNear(sum, sums[i]));
  }
  if (values.length !== what.length) return false;
  const most = scale / LEVELS;
  return Array.from(values).every((value, i) => isNear(value, (what.charCodeAt(i) - ZERO) * most));
}

/** Sums of the values times +1 or -1, with `SUMS` sets of random signs. */
function signedSums(values: ArrayLike<number>): number[] {
  return Array.from({ length: SUMS }, (_, i) => {
    const random = new Random(i, 'signs');
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += random.integer(2) === 1 ? values[k] : -values[k];
    return sum;
  });
}
