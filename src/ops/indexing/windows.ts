/** unfoldDim: the windows of a dimension, which may overlap. */
import { GradloomError } from '../../errors';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, shapeError } from '../common';
import { withEntry } from '../layout/attrs';
import { permuted } from '../layout/permute';
import { viewAs } from '../reduce/sum';
import { take } from './take';

/** Windows of a dimension. */
export const unfoldDim = defineComposite({
  name: 'unfoldDim',
  exact: true,
  doc: 'The windows of `size` positions of `dim`, `step` apart, as a new last dimension: Tensor.unfold of PyTorch (the op unfold is that of torch.nn.functional).',
  source: 'https://pytorch.org/docs/stable/generated/torch.Tensor.unfold.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int(), size: z.int().min(0), step: z.int().min(1) }),
  compose({ x }, { dim, size, step }) {
    if (x.rank === 0) throw shapeError('unfoldDim', 'x', x, 'at least one dimension');
    const at = normalizeDim('unfoldDim', dim, x.rank);
    if (size > x.shape[at]) {
      const expected = `at most ${x.shape[at]}, the size of dimension ${dim}`;
      throw new GradloomError({
        code: 'argument',
        op: 'unfoldDim',
        argument: 'size',
        got: String(size),
        expected,
      });
    }
    const windows = Math.floor((x.shape[at] - size) / step) + 1;
    const places = Int32Array.from(
      { length: windows * size },
      (_, i) => Math.floor(i / size) * step + (i % size),
    );
    const index = x.graph.constant(places, [places.length]);
    const shape = withEntry(x.shape, at, places.length);
    const { y } = take({ x, index }, { dim: at, shared: true, shape });
    const cut = [...x.shape.slice(0, at), windows, size, ...x.shape.slice(at + 1)];
    const order = cut.flatMap((_, d) => (d === at + 1 ? [] : [d]));
    return permuted(viewAs(y, cut), [...order, at + 1]);
  },
});
