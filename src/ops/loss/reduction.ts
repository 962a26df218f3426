/** Shared by the losses: the `reduction` attribute and the two-pass sum over workgroups. */
import partialsReduce from '../../../shaders/loss/partials.reduce.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import type { DispatchSize, Lowering } from '../../graph/ir/op';
import * as z from '../../schema';

/** 'none' gives the losses as they are, 'sum' their sum, 'mean' their (weighted) mean. */
export type Reduction = 'mean' | 'sum' | 'none';

/** The attribute of every loss. */
export const reduction = z.enum(['mean', 'sum', 'none']).default('mean');

/** Factor on the sum of `count` losses; the mean of nothing is NaN, as in PyTorch. */
export function scaleOf(reduction: Reduction, count: number): number {
  if (reduction !== 'mean') return 1;
  return count === 0 ? Number.NaN : 1 / count;
}

/** Most partial sums of one loss: enough threads for any GPU, few enough for one workgroup to add up. */
export const MOST_PARTIALS = 1024;

/** How the sums of the workgroups of a loss make the loss. */
export interface PartialSums {
  /** The reduced loss, and both of its sums (loss, weight). */
  y: Tensor;
  total: Tensor;
  /** Workgroups that give a partial sum each. */
  groups: number;
  /** y = sum / sum of weights instead of scale * sum. */
  weighted: boolean;
  scale: number;
}

/**
 * Dispatches a loss kernel that sums per workgroup, and the dispatch that adds up the partial sums. A single
 * workgroup finishes by itself, so that small losses take one dispatch.
 */
export function runPartials(
  k: Lowering,
  { y, total, groups, weighted, scale }: PartialSums,
  run: (sums: Tensor, workgroups: DispatchSize) => void,
): void {
  const count = Math.min(groups, MOST_PARTIALS);
  if (count === 1) {
    run(total, [1, 1, 1]);
    return;
  }
  const partials = k.scratch([count, 2]);
  run(partials, { workgroups: count });
  k.dispatch(partialsReduce, { partials }, { y, total }, { count, weighted, scale }, [1, 1, 1]);
}
