/** The gradient of ops that pick elements along a dimension: max, min, topk, sort. */
import pickBackwardKernel from '../../../shaders/reduce/pick.backward.wgsl';
import { defineInternal } from '../../graph/ir/op';
import { elementThreads } from '../common';
import { take } from '../indexing/take';
import { runFill } from '../layout/strided';
import { viewAs } from './sum';

/** A dimension of `size`, elements `inner` apart, of which each line gave `picks`. */
export interface Picks {
  size: number;
  inner: number;
  picks: number;
}

/** dx with dy at the picked places and 0 elsewhere. */
export const pickBackward = defineInternal({
  name: 'pickBackward',
  inputs: ['x', 'indices', 'dy'],
  outputs: ['dx'],
  shape: ({ x }) => ({ dx: x }),
  fusion: { accumulates: ['dx'] },
  lower({ indices, dy, dx }, { size, inner, picks }: Picks, k) {
    const accumulate = k.accumulate('dx');
    if (!accumulate && picks !== size) runFill(k, dx, 0);
    const params = { n: dy.size, picks, size, inner, accumulate };
    k.dispatch(pickBackwardKernel, { dy, indices }, { dx }, params, elementThreads(dy.size, k.device));
  },
  backward({ indices, dy, ddx }, { size, inner, picks }) {
    const lines = ddx.size === 0 ? 0 : ddx.size / (size * inner);
    const shape = [lines, picks, inner];
    const inputs = { x: viewAs(ddx, [lines, size, inner]), index: viewAs(indices, shape) };
    return { dy: viewAs(take(inputs, { dim: 1, shared: false, shape }).y, dy.shape) };
  },
});
