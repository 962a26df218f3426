/** Probabilities of the next token, on the host in float64, and a draw from them. */
import type { Random } from '../random';
import type { SampleStrategy } from './options';

/** Log probabilities: logits - log(sum(exp(logits))). */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const result = Float64Array.from(logits);
  const largest = result.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const total = result.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  const shift = largest + Math.log(total);
  return result.map((value) => value - shift);
}

/** Position of the largest value, the first of equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** Positions from the largest value to the smallest; of equals the first comes first. */
export function descending(values: ArrayLike<number>): number[] {
  return Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
}

/**
 * The distribution that sampling draws from: softmax(logits / temperature), cut to the `topK` most probable tokens and
 * then, renormalized, to the fewest whose probabilities sum to at least `topP`; of equals the first stays.
 */
export function samplingDistribution(
  logits: ArrayLike<number>,
  { temperature = 1, topK, topP }: Omit<SampleStrategy, 'type' | 'seed'> = {},
): Float64Array {
  const probabilities = logSoftmax(Float64Array.from(logits, (value) => value / temperature)).map(Math.exp);
  if (topK === undefined && topP === undefined) return probabilities;
  const order = descending(probabilities);
  const kept = order.slice(0, topK);
  const mass = kept.reduce((sum, token) => sum + probabilities[token], 0);
  let total = 0;
  let count = 0;
  while (count < kept.length && (topP === undefined || count === 0 || total < topP * mass)) {
    total += probabilities[kept[count++]];
  }
  const result = new Float64Array(logits.length);
  for (const token of kept.slice(0, count)) result[token] = probabilities[token] / total;
  return result;
}

/** A token drawn from a distribution; one number of the stream is used. */
export function draw(distribution: Float64Array, random: Random): number {
  let rest = random.uniform();
  let last = 0;
  for (let token = 0; token < distribution.length; token++) {
    if (distribution[token] === 0) continue;
    last = token;
    rest -= distribution[token];
    if (rest < 0) break;
  }
  return last;
}
