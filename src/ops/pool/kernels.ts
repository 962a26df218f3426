/** Maximum and average over windows as graph ops: all public pooling ops are made of these two. */
import avgBackward from '../../../shaders/pool/avg_pool.backward.wgsl';
import avgForward from '../../../shaders/pool/avg_pool.forward.wgsl';
import maxBackward from '../../../shaders/pool/max_pool.backward.wgsl';
import maxForward from '../../../shaders/pool/max_pool.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import * as z from '../../schema';
import { take } from '../indexing/take';
import { viewAs } from '../reduce/sum';
import { volumeSize } from '../spatial';
import { type Pooling, poolParams, stripGrid, windowsOver } from './window';

/** With relu, set by fusion, the maximum is that of relu(x), and index is -1 where it is not above 0. */
type MaxAttrs = Pooling & { relu?: boolean };

const maxWindowsBackward = defineInternal({
  name: 'maxWindowsBackward',
  inputs: ['index', 'dy'],
  outputs: ['dx'],
  fusion: { accumulates: ['dx'] },
  shape: (_, { inputShape }: Pooling) => ({ dx: inputShape }),
  lower({ index, dy, dx }, pooling: Pooling, k) {
    const [depth, rows, columns] = pooling.size;
    const groups = stripGrid(pooling.planes, [depth, Math.ceil(rows / 2), columns]);
    poolParams(pooling, windowsOver(pooling, [1, 2, 4])).forEach((params, i) => {
      const constants = { ACCUMULATE: i > 0 ? 1 : k.accumulate('dx') };
      k.dispatch(maxBackward[pooling.variant], { index, dy }, { dx }, params, groups, { constants });
    });
  },
  backward({ index, dy, ddx }, { planes, size, out }) {
    const shape = [planes, volumeSize(out)];
    const inputs = { x: viewAs(ddx, [planes, volumeSize(size)]), index: viewAs(index, shape) };
    return { dy: viewAs(take(inputs, { dim: 1, shared: false, shape }).y, dy.shape) };
  },
});

/** y: the maximum of each window; index: its position in the plane, the first of equal ones (int32). */
export const maxWindows = defineInternal({
  name: 'maxWindows',
  inputs: ['x'],
  outputs: ['y', 'index'],
  fusion: { relu: { on: 'x', backward: 'maxWindowsBackward' } },
  shape: (_, { shape }: MaxAttrs) => ({ y: shape, index: { shape, dtype: 'i32' } }),
  lower({ x, y, index }, pooling: MaxAttrs, k) {
    const groups = stripGrid(pooling.planes, pooling.out);
    poolParams(pooling, pooling.kernel).forEach((params, i) => {
      const constants = { RELU: Number(pooling.relu ?? false), CONTINUED: Number(i > 0) };
      k.dispatch(maxForward[pooling.variant], { x }, { y, index }, params, groups, { constants });
    });
  },
  backward: ({ index, dy }, pooling) => ({
    x: dy && maxWindowsBackward({ index, dy }, pooling).dx,
  }),
});

/** Attribute of the maximum poolings. */
export const returnIndices = z.boolean().default(false);

/** The maxima of a public op; with their positions, as the further output `indices`, where asked for. */
export function largestOf(x: Tensor, pooling: Pooling, withIndices: boolean): Tensor {
  const { y, index } = maxWindows({ x }, pooling);
  // The declared output is y alone, which is what callers get who do not ask for more.
  return withIndices ? ({ y, indices: index } as unknown as Tensor) : y;
}

const meanWindowsBackward = defineInternal({
  name: 'meanWindowsBackward',
  inputs: ['dy'],
  outputs: ['dx'],
  fusion: { accumulates: ['dx'] },
  shape: (_, { inputShape }: Pooling) => ({ dx: inputShape }),
  lower({ dy, dx }, pooling: Pooling, k) {
    const groups = stripGrid(pooling.planes, pooling.size);
    poolParams(pooling, windowsOver(pooling, [1, 1, 4])).forEach((params, i) => {
      const constants = { ACCUMULATE: i > 0 ? 1 : k.accumulate('dx') };
      k.dispatch(avgBackward[pooling.variant], { dy }, { dx }, params, groups, { constants });
    });
  },
  backward: ({ ddx }, pooling) => ({ dy: meanWindows({ x: ddx }, pooling).y }),
});

/** y: the sum of each window divided by its count. */
export const meanWindows: (inputs: { x: Tensor }, pooling: Pooling) => { y: Tensor } = defineInternal({
  name: 'meanWindows',
  inputs: ['x'],
  outputs: ['y'],
  shape: (_, { shape }: Pooling) => ({ y: shape }),
  lower({ x, y }, pooling: Pooling, k) {
    const groups = stripGrid(pooling.planes, pooling.out);
    poolParams(pooling, pooling.kernel).forEach((params, i) => {
      k.dispatch(avgForward[pooling.variant], { x }, { y }, params, groups, {
        constants: { ACCUMULATE: Number(i > 0) },
      });
    });
  },
  backward: ({ dy }, pooling) => ({ x: meanWindowsBackward({ dy }, pooling).dx }),
});
