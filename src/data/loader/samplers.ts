/** Orders in which indexed data is drawn: torch.utils.data's samplers as functions of the epoch. */
import { checkCount, checkOptions } from '../../checks';
import { GradloomError, showValue } from '../../errors';
import { Random } from '../../random';

/** Indices of an epoch, in their order; a list is the same in every epoch. */
export type Sampler = Iterable<number> | ((epoch: number, length: number) => Iterable<number>);

/** Batches of indices of an epoch. */
export type BatchSampler =
  | Iterable<readonly number[]>
  | ((epoch: number, length: number) => Iterable<readonly number[]>);

/** All indices, shuffled by seed and epoch (Fisher-Yates). */
export function randomOrder(length: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  return new Random(seed, `DataLoader ${epoch}`).shuffle(order);
}

/**
 * Draws indices with probabilities proportional to `weights`, as torch.utils.data.WeightedRandomSampler: `numSamples` of them per
 * epoch, with replacement, or each at most once.
 * @throws GradloomError `argument` for weights that are negative or no finite numbers, sums of 0, and more samples without
 * replacement than have a weight above 0.
 */
export function weightedRandomSampler(
  weights: ArrayLike<number>,
  numSamples: number = weights?.length,
  options: { replacement?: boolean; seed?: number } = {},
): (epoch: number, length: number) => number[] {
  const op = 'weightedRandomSampler';
  checkOptions(op, options, ['replacement', 'seed']);
  const { replacement = true, seed = 0 } = options;
  const fail = (argument: string, got: string, expected: string) =>
    new GradloomError({ code: 'argument', op, argument, got, expected });
  if (!(weights?.length > 0)) throw fail('weights', showValue(weights), 'a list with a weight per sample');
  const values = Array.from(weights, Number);
  checkCount(op, 'numSamples', numSamples);
  const bad = values.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (bad >= 0) throw fail(`weights[${bad}]`, String(values[bad]), 'a finite number from 0');
  const positive = values.filter((weight) => weight > 0).length;
  if (positive === 0) throw fail('weights', 'all 0', 'at least one weight above 0');
  if (!replacement && numSamples > positive)
    throw fail('numSamples', String(numSamples), `at most ${positive} without replacement`);
  return (epoch, length) => {
    if (length !== values.length)
      throw fail('weights', `${values.length} weights`, `${length}, one per sample`);
    const random = new Random(seed, `${op} ${epoch}`);
    return replacement ? drawn(values, numSamples, random) : drawnOnce(values, numSamples, random);
  };
}

/** By inversion of the cumulated weights. */
function drawn(weights: readonly number[], count: number, random: Random): number[] {
  let sum = 0;
  const cumulated = Float64Array.from(weights, (weight) => {
    sum += weight;
    return sum;
  });
  return Array.from({ length: count }, () => {
    const at = random.uniform() * sum;
    let [low, high] = [0, cumulated.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulated[middle] > at) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

/** The largest keys u^(1/w). Source: Efraimidis & Spirakis 2006, Weighted random sampling with a reservoir. */
function drawnOnce(weights: readonly number[], count: number, random: Random): number[] {
  const keys = weights.map((weight, index) => ({
    index,
    key: weight > 0 ? Math.log(random.uniform() || Number.MIN_VALUE) / weight : Number.NEGATIVE_INFINITY,
  }));
  return keys
    .sort((a, b) => b.key - a.key || a.index - b.index)
    .slice(0, count)
    .map(({ index }) => index);
}

/** @throws GradloomError `argument` for an index that is none of the data. */
export function checkIndex(argument: string, index: unknown, length: number): number {
  if (Number.isInteger(index) && (index as number) >= 0 && (index as number) < length) return index as number;
  throw new GradloomError({
    code: 'argument',
    op: 'DataLoader',
    argument,
    got: showValue(index),
    expected: `an index from 0 to ${length - 1}`,
  });
}
