/** var and std over any dims, in passes that keep the variance of values with a large mean. */
import reduceBackwardKernels from '../../../shaders/reduce/reduce.backward.wgsl';
import reduceForward from '../../../shaders/reduce/reduce.forward.wgsl';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, inFloat32, type Lowering } from '../../graph/ir/op';
import * as z from '../../schema';
import { div, eq, mul, sub } from '../elementwise/binary';
import { scale } from '../elementwise/scale';
import { where } from '../elementwise/where';
import { type ReduceLayout, reducedDims, reducedShape, reduceLayout } from './layout';
import { reduce, reduceBackward, reduceBy } from './reduce';
import { dimAttrs, mean, shapeAfter, viewAs } from './sum';

const attrs = z.strictObject({ ...dimAttrs.shape, correction: z.number().default(1) });
/** `unbiased` is the older name of correction 1 (true) or 0 (false). */
export const varianceAttrs = attrs.extend({ unbiased: z.boolean().optional() });

interface VarianceAttrs extends z.output<typeof attrs> {
  op: 'var' | 'std';
}

const countOf = (x: Tensor, dims: readonly number[]) => sizeOf(dims.map((d) => x.shape[d]));

/**
 * The mean as first + mean(x - first), with the first element of each output: the sum stays as small as the values
 * differ, however far from 0 they lie.
 */
function meanInto(k: Lowering, x: Tensor, y: Tensor, dims: readonly number[]): void {
  const layout = reduceLayout('mean', x.shape, dims);
  const first = k.scratch([y.size]);
  const one: ReduceLayout = { ...layout, outerSize: 1, inner: 1 };
  if (x.size > 0) reduceBy(k, one, x, first, { kernel: reduceForward.sum });
  const shift = x.size > 0 ? first : k.emptyBuffer;
  const value = countOf(x, dims);
  const shifted = { kernel: reduceForward.shifted, combine: reduceForward.sum };
  reduce(k, 'mean', x, y, dims, { ...shifted, shift, finish: 'divideShifted', value });
}

const center = defineInternal({
  name: 'center',
  inputs: ['x'],
  outputs: ['mean'],
  shape: ({ x }, attributes: VarianceAttrs) => ({
    mean: inFloat32(shapeAfter(attributes.op, x, attributes)),
  }),
  lower: ({ x, mean }, { op, dim }, k) => meanInto(k, x, mean, reducedDims(op, x.rank, dim)),
});

const varianceBackward = defineInternal({
  name: 'varianceBackward',
  inputs: ['x', 'mean', 'y', 'dy'],
  outputs: ['dx'],
  shape: ({ x }) => ({ dx: x }),
  fusion: { accumulates: ['dx'] },
  lower({ x, mean, y, dy, dx }, { op, dim, correction }: VarianceAttrs, k) {
    const dims = reducedDims(op, x.rank, dim);
    const factor = 1 / Math.max(0, countOf(x, dims) - correction);
    const { variance, deviation } = reduceBackwardKernels;
    reduceBackward(k, op === 'var' ? variance : deviation, dy, dx, x.shape, dims, {
      x,
      y,
      aux: mean,
      scale: factor,
      accumulate: k.accumulate('dx'),
    });
  },
  // The mean changes with x here, so it is computed again.
  backward: throughDecomposition(
    ({ x, y, dy }: Record<'x' | 'y' | 'dy', Tensor>, { op, dim, correction }: VarianceAttrs) => {
      const dims = reducedDims(op, x.rank, dim);
      const kept = reducedShape(x.shape, dims, true);
      const distance = sub(x, mean(x, { dim: dims, keepdim: true }));
      const factor = (op === 'var' ? 2 : 1) / Math.max(0, countOf(x, dims) - correction);
      if (op === 'var') return { dx: scale(mul(distance, viewAs(dy, kept)), factor) };
      // 0 where nothing deviates, as PyTorch has it.
      const isZero = eq(y, 0);
      const slope = where(isZero, 0, div(dy, where(isZero, 1, y)));
      return { dx: scale(mul(distance, viewAs(slope, kept)), factor) };
    },
  ),
});

/** The mean takes no gradient: the sum of squared distances from it does not change with it. */
const variance = defineInternal({
  name: 'variance',
  inputs: ['x', 'mean'],
  outputs: ['y'],
  shape: ({ x }, attributes: VarianceAttrs) => ({
    y: { shape: shapeAfter(attributes.op, x, attributes), dtype: x.dtype },
  }),
  lower({ x, mean, y }, { op, dim, correction }, k) {
    const dims = reducedDims(op, x.rank, dim);
    const value = Math.max(0, countOf(x, dims) - correction);
    const finish = op === 'var' ? 'divide' : 'divideRoot';
    reduce(k, op, x, y, dims, {
      kernel: reduceForward.square_shifted,
      combine: reduceForward.sum,
      shift: mean,
      finish,
      value,
    });
  },
  backward: ({ x, mean, y, dy }, attributes) => ({ x: varianceBackward({ x, mean, y, dy }, attributes).dx }),
});

function defineVariance(op: 'var' | 'std', doc: string) {
  return defineComposite({
    name: op,
    doc,
    source: `https://pytorch.org/docs/stable/generated/torch.${op}.html`,
    inputs: ['x'],
    outputs: ['y'],
    attrs: varianceAttrs,
    compose({ x }, { unbiased, ...given }) {
      const attributes = unbiased === undefined ? given : { ...given, correction: Number(unbiased) };
      const { mean } = center({ x }, { ...attributes, op });
      return variance({ x, mean }, { ...attributes, op }).y;
    },
  });
}

const variance_ = defineVariance('var', 'Variance over `dim`: sum((x - mean)^2) / (n - correction).');

export { variance_ as var };
export const std = defineVariance(
  'std',
  'Standard deviation over `dim`: sqrt(sum((x - mean)^2) / (n - correction)).',
);
