/** sum and mean over any dims, and the sum that undoes broadcasting. */
import reduceBackwardKernels from '../../../shaders/reduce/reduce.backward.wgsl';
import reduceForward from '../../../shaders/reduce/reduce.forward.wgsl';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineInternal, defineOp, viewOf } from '../../graph/ir/op';
import * as z from '../../schema';
import { reducedDims, reducedShape } from './layout';
import { reduce, reduceBackward } from './reduce';
import { counted, reduceTyped } from './whole';

/** Attributes of the reductions over any dims. */
export const dimAttrs = z.strictObject({
  dim: z
    .union([z.int(), z.array(z.int())])
    .nullable()
    .default(null),
  keepdim: z.boolean().default(false),
});

export type DimAttrs = z.output<typeof dimAttrs>;

/** The output shape of a reduction with `dimAttrs`. */
export function shapeAfter(op: string, x: Tensor, { dim, keepdim }: DimAttrs): number[] {
  return reducedShape(x.shape, reducedDims(op, x.rank, dim), keepdim);
}

/** Attributes of the internal sums: the dims to sum, what to divide by, and the shape to give. */
interface SumAttrs {
  dims: readonly number[];
  divisor: number;
  shape: Shape;
}

/** dx[i] = dy[o(i)] / divisor with the shape from before the sum. */
const sumBackward: (inputs: { dy: Tensor }, attrs: SumAttrs) => { dx: Tensor } = defineInternal({
  name: 'sumBackward',
  inputs: ['dy'],
  outputs: ['dx'],
  shape: (_, { shape }: SumAttrs) => ({ dx: shape }),
  fusion: { accumulates: ['dx'] },
  lower({ dy, dx }, { dims, divisor, shape }, k) {
    reduceBackward(k, reduceBackwardKernels.spread, dy, dx, shape, dims, {
      scale: 1 / divisor,
      accumulate: k.accumulate('dx'),
    });
  },
  backward: ({ dy, ddx }, attrs) => ({
    dy:
      attrs.dims.length === 0
        ? viewAs(sumBackward({ dy: ddx }, { ...attrs, shape: ddx.shape }).dx, dy.shape)
        : summed({ x: ddx }, { ...attrs, shape: dy.shape }).y,
  }),
});

const summed: (inputs: { x: Tensor }, attrs: SumAttrs) => { y: Tensor } = defineInternal({
  name: 'sumTo',
  inputs: ['x'],
  outputs: ['y'],
  shape: (_, { shape }: SumAttrs) => ({ y: shape }),
  fusion: {
    accumulates: ['y'],
    columnSumsOf: ({ x }, { dims, divisor }) =>
      x.rank === 2 && dims.join() === '0' && divisor === 1 ? x : undefined,
  },
  lower({ x, y }, { dims, divisor }, k) {
    const accumulate = k.accumulate('y');
    reduce(k, 'sumTo', x, y, dims, {
      kernel: reduceForward.sum,
      finish: 'divide',
      value: divisor,
      accumulate,
    });
  },
  backward: ({ x, dy }, attrs) => ({ x: sumBackward({ dy }, { ...attrs, shape: x.shape }).dx }),
});

const reshaped: (inputs: { x: Tensor }, shape: Shape) => { y: Tensor } = defineInternal({
  name: 'sumTo',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }, shape: Shape) => ({ y: viewOf(x, shape) }),
  backward: ({ x, dy }): { x: Tensor } => ({ x: reshaped({ x: dy }, x.shape).y }),
});

/** x as a view of another shape with as many elements. */
export const viewAs = (x: Tensor, shape: Shape): Tensor =>
  x.shape.join() === shape.join() ? x : reshaped({ x }, shape).y;

/**
 * Sums scale * x down to `shape`, which broadcasts to the shape of x: the gradient of broadcasting. Gives x itself or
 * a view of it when there is nothing to do.
 */
export function sumTo(x: Tensor, shape: Shape, scale = 1): Tensor {
  if (x.size === sizeOf(shape)) {
    const y = scale === 1 ? x : sumBackward({ dy: x }, { dims: [], divisor: 1 / scale, shape: x.shape }).dx;
    return viewAs(y, shape);
  }
  const missing = x.rank - shape.length;
  const dims = x.shape.flatMap((n, d) => (d < missing || (shape[d - missing] === 1 && n !== 1) ? [d] : []));
  return summed({ x }, { dims, divisor: 1 / scale, shape }).y;
}

/** The sums of the columns of a matrix, in `shape`: the gradient of a row that is added to each of its rows. */
export const columnSums = (x: Tensor, shape: Shape): Tensor =>
  summed({ x }, { dims: [0], divisor: 1, shape }).y;

/** sum and mean differ by a division. */
function defineSum(name: 'sum' | 'mean', doc: string) {
  const divisorOf = (x: Tensor, dims: readonly number[]) =>
    name === 'sum' ? 1 : sizeOf(dims.map((d) => x.shape[d]));
  return defineOp({
    name,
    doc,
    source: `https://pytorch.org/docs/stable/generated/torch.${name}.html`,
    inputs: ['x'],
    ...(name === 'sum' && { dtypes: { x: 'any' as const } }),
    outputs: ['y'],
    attrs: dimAttrs,
    shape({ x }, attrs) {
      const shape = shapeAfter(name, x, attrs);
      return { y: name === 'sum' ? counted(x, shape) : shape };
    },
    fusion: { accumulates: ['y'] },
    lower({ x, y }, { dim }, k) {
      const dims = reducedDims(name, x.rank, dim);
      const value = divisorOf(x, dims);
      const finish = name === 'sum' ? 'none' : 'divide';
      reduceTyped(k, name, x, y, dims, {
        kernel: reduceForward.sum,
        integers: reduceForward.sum_integer,
        finish,
        value,
        accumulate: k.accumulate('y'),
      });
    },
    backward({ x, dy }, { dim }) {
      const dims = reducedDims(name, x.rank, dim);
      return { x: sumBackward({ dy }, { dims, divisor: divisorOf(x, dims), shape: x.shape }).dx };
    },
  });
}

export const sum = defineSum(
  'sum',
  'Sum over `dim` (all dims when null). Masks are counted; the sum of int32 is int32.',
);
export const mean = defineSum('mean', 'Mean over `dim` (all dims when null): sum(x) / n.');
