/** Probabilities of the next token, on the host in float64, and a draw from them. */
import { GradloomError } from '../errors';
import type { Random } from '../random';
import type { SampleStrategy } from './options';

/**
 * Log probabilities: logits - log(sum(exp(logits))).
 * @throws GradloomError (code `data`) where that has no values: a NaN, Infinity, or nothing but -Infinity.
 */
export function logSoftmax(logits: ArrayLike<number>, op = 'generate'): Float64Array {
  const result = Float64Array.from(logits);
  const largest = result.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(largest)) {
    const at = result.findIndex((value) => Object.is(value, largest));
    throw new GradloomError({
      code: 'data',
      op,
      argument: 'scores',
      got: largest < 0 ? '-Infinity for every choice' : `${largest} for choice ${at} of ${result.length}`,
      expected: 'numbers below Infinity, at least one of them finite',
      fix: 'Look for NaN or Infinity in the weights and inputs of the model',
    });
  }
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
 * @throws GradloomError (code `data`) for scores of which there is no softmax: NaN, Infinity, nothing but -Infinity.
 */
export function samplingDistribution(
  logits: ArrayLike<number>,
  { temperature = 1, topK, topP }: Omit<SampleStrategy, 'type' | 'seed'> = {},
): Float64Array {
  // Divided after the shift to 0, so that no temperature overflows.
  const shifted = logSoftmax(logits, 'samplingDistribution');
  const largest = shifted.reduce((most, value) => Math.max(most, value));
  const probabilities = logSoftmax(shifted.map((value) => (value - largest) / temperature)).map(Math.exp);
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
