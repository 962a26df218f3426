/** softmax over any dimension. */
import { z } from 'zod';
import softmaxBackwardKernel from '../../../shaders/softmax/softmax.backward.wgsl';
import softmaxForward from '../../../shaders/softmax/softmax.forward.wgsl';
import { defineInternal, defineOp } from '../../graph/op';
import type { Shape } from '../../graph/tensor';
import { grid, normalizeDim, splitAt } from '../common';

/** The lines along `dim` as the kernels see them: `lines` of `size` elements, `inner` apart. */
function linesOf(shape: Shape, dim: number) {
  const { outer, size, inner } = splitAt(shape, normalizeDim('softmax', dim, shape.length));
  return { lines: outer * inner, size, inner };
}

const softmaxBackward = defineInternal({
  name: 'softmaxBackward',
  inputs: ['y', 'dy'],
  outputs: ['dx'],
  shape: ({ y }) => ({ dx: y }),
  accumulates: ['dx'],
  lower({ y, dy, dx }, { dim }: { dim: number }, k) {
    const lines = linesOf(y.shape, dim);
    const params = { ...lines, accumulate: k.accumulate('dx') };
    k.run(softmaxBackwardKernel, { y, dy }, { dx }, params, grid(lines.lines, 64));
  },
});

export const softmax = defineOp({
  name: 'softmax',
  doc: 'Softmax along `dim`: y = exp(x - max) / sum(exp(x - max)).',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html',
  inputs: ['x'],
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int().default(-1) }),
  shape({ x }, { dim }) {
    normalizeDim('softmax', dim, x.rank);
    return { y: x };
  },
  lower({ x, y }, { dim }, k) {
    const lines = linesOf(x.shape, dim);
    k.run(softmaxForward, { x }, { y }, lines, grid(lines.lines, 64));
  },
  backward: ({ y, dy }, attrs) => ({ x: softmaxBackward({ y, dy }, attrs).dx }),
});
