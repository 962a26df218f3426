/** prod over all dims or one. */
import reduceBackwardKernels from '../../../shaders/reduce/reduce.backward.wgsl';
import reduceForward from '../../../shaders/reduce/reduce.forward.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal, defineOp } from '../../graph/ir/op';
import * as z from '../../schema';
import { mul } from '../elementwise/binary';
import { cat } from '../layout/cat';
import { flip } from '../layout/permute';
import { expanded } from '../layout/repeat';
import { narrowed } from '../layout/slice';
import { cumprod } from './cumulative';
import { reducedDims, reducedShape } from './layout';
import { reduce, reduceBackward } from './reduce';
import { shapeAfter, viewAs } from './sum';
import { counted, reduceTyped } from './whole';

const prodBackward = defineInternal({
  name: 'prodBackward',
  inputs: ['x', 'dy'],
  outputs: ['dx'],
  shape: ({ x }) => ({ dx: x }),
  fusion: { accumulates: ['dx'] },
  lower({ x, dy, dx }, { dims }: { dims: readonly number[] }, k) {
    const [y, zeros] = [k.scratch([dy.size]), k.scratch([dy.size])];
    reduce(k, 'prod', x, y, dims, { kernel: reduceForward.prod_nonzero, combine: reduceForward.prod });
    reduce(k, 'prod', x, zeros, dims, { kernel: reduceForward.zeros, combine: reduceForward.sum });
    reduceBackward(k, reduceBackwardKernels.prod, dy, dx, x.shape, dims, {
      x,
      y,
      aux: zeros,
      accumulate: k.accumulate('dx'),
    });
  },
  // dx[k] = dy times the products of what is before and behind k: zeros are no special case.
  backward: throughDecomposition(
    ({ x, dy }: Record<'x' | 'dy', Tensor>, { dims }: { dims: readonly number[] }) => {
      const [line, dim] = dims.length === 1 ? [x, dims[0]] : [viewAs(x, [x.size]), 0];
      const kept = reducedShape(line.shape, [dim], true);
      const ones = expanded(x.graph.scalar(1), kept);
      const before = (values: Tensor) =>
        cumprod(cat([ones, narrowed(values, dim, 0, line.shape[dim] - 1)], { dim }), { dim });
      const behind = flip(before(flip(line, { dims: [dim] })), { dims: [dim] });
      return { dx: viewAs(mul(viewAs(dy, kept), mul(before(line), behind)), x.shape) };
    },
  ),
});

export const prod = defineOp({
  name: 'prod',
  doc: 'Product over `dim` (all dims when null). Right for zeros too: a single one still has a gradient. Of int32 and masks int32.',
  source: 'https://pytorch.org/docs/stable/generated/torch.prod.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int().nullable().default(null), keepdim: z.boolean().default(false) }),
  shape: ({ x }, attrs) => ({ y: counted(x, shapeAfter('prod', x, attrs)) }),
  lower: ({ x, y }, { dim }, k) =>
    reduceTyped(k, 'prod', x, y, reducedDims('prod', x.rank, dim), {
      kernel: reduceForward.prod,
      integers: reduceForward.prod_integer,
    }),
  backward: ({ x, dy }, { dim }) => ({
    x: prodBackward({ x, dy }, { dims: reducedDims('prod', x.rank, dim) }).dx,
  }),
});
