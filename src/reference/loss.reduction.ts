/** What the references of the losses share: the `reduction` attribute. */
import { scalar } from './ndarray';
import type { NdArray } from './types';

/** The sum of all elements. */
export function total(x: NdArray): number {
  let sum = 0;
  for (const value of x.data) sum += value;
  return sum;
}

/** 'none' gives the losses as they are, 'sum' their sum, 'mean' (the default) their sum over `count`. */
export function reduceLoss(losses: NdArray, reduction = 'mean', count = losses.data.length): NdArray {
  if (reduction === 'none') return losses;
  return scalar(reduction === 'sum' ? total(losses) : total(losses) / count);
}
