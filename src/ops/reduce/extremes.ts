/** amax and amin over any dims, where ties share the gradient; all and any. */
import reduceBackwardKernels from '../../../shaders/reduce/reduce.backward.wgsl';
import reduceForward from '../../../shaders/reduce/reduce.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal, defineOp, notDifferentiable } from '../../graph/ir/op';
import { shapeError } from '../common';
import { mul } from '../elementwise/binary';
import { asFloats } from '../elementwise/integer';
import { constantOf } from '../elementwise/scale';
import { expanded } from '../layout/repeat';
import { reducedDims, reducedShape } from './layout';
import { type Reduction, reduce, reduceBackward } from './reduce';
import { dimAttrs, shapeAfter, sumTo, viewAs } from './sum';
import { picked, reduceTyped } from './whole';

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

/**
 * The gradient of extremes: dy goes to the elements that equal the extreme, in equal shares. With `magnitude` the
 * extreme is that of |x| (norms).
 */
export const extremeBackward: (
  inputs: Record<'x' | 'y' | 'dy', Tensor>,
  attrs: { dims: readonly number[]; magnitude: boolean },
) => { dx: Tensor } = defineInternal({
  name: 'extremeBackward',
  inputs: ['x', 'y', 'dy'],
  outputs: ['dx'],
  shape: ({ x }) => ({ dx: x }),
  fusion: { accumulates: ['dx'] },
  lower({ x, y, dy, dx }, { dims, magnitude }: { dims: readonly number[]; magnitude: boolean }, k) {
    const ties = k.scratch([y.size]);
    reduce(k, 'extreme', x, ties, dims, {
      kernel: magnitude ? reduceForward.equal_abs : reduceForward.equal,
      combine: reduceForward.sum,
      shift: y,
    });
    const accumulate = k.accumulate('dx');
    const { extremum, extremum_abs } = reduceBackwardKernels;
    reduceBackward(k, magnitude ? extremum_abs : extremum, dy, dx, x.shape, dims, {
      x,
      y,
      aux: ties,
      accumulate,
    });
  },
  backward({ x, y, dy, ddx }, attrs, needs) {
    if (!needs.dy) return {};
    // The shares, which do not change with x as long as the ties stay.
    const ones = expanded(constantOf(x.graph, 1), dy.shape);
    const shares = extremeBackward({ x, y, dy: ones }, attrs).dx;
    return { dy: viewAs(sumTo(mul(ddx, shares), reducedShape(x.shape, attrs.dims, true)), dy.shape) };
  },
});

/** Refuses the extreme of nothing, which no number stands for. */
export function requireElements(op: string, x: Tensor, dims: readonly number[]): void {
  if (dims.some((d) => x.shape[d] === 0))
    throw shapeError(op, 'x', x, 'at least one element along the reduced dims');
}

function defineExtreme(
  name: 'amax' | 'amin',
  kernels: Record<'kernel' | 'integers', Reduction['kernel']>,
  doc: string,
) {
  return defineOp({
    name,
    doc,
    source: source(name),
    inputs: ['x'],
    dtypes: { x: 'any' },
    outputs: ['y'],
    attrs: dimAttrs,
    shape({ x }, attrs) {
      requireElements(name, x, reducedDims(name, x.rank, attrs.dim));
      return { y: picked(x, shapeAfter(name, x, attrs)) };
    },
    lower({ x, y }, { dim }, k) {
      reduceTyped(k, name, x, y, reducedDims(name, x.rank, dim), kernels);
    },
    backward({ x, y, dy }, { dim }) {
      return {
        x: extremeBackward({ x, y, dy }, { dims: reducedDims(name, x.rank, dim), magnitude: false }).dx,
      };
    },
  });
}

export const amax = defineExtreme(
  'amax',
  { kernel: reduceForward.max, integers: reduceForward.max_integer },
  'Largest value over `dim`; NaN if there is one. Ties share the gradient.',
);
export const amin = defineExtreme(
  'amin',
  { kernel: reduceForward.min, integers: reduceForward.min_integer },
  'Smallest value over `dim`; NaN if there is one. Ties share the gradient.',
);

function defineTruth(name: 'all' | 'any', reduction: Reduction, doc: string) {
  return defineOp({
    name,
    doc,
    source: source(name),
    inputs: ['x'],
    dtypes: { x: 'any' },
    outputs: ['y'],
    attrs: dimAttrs,
    shape: ({ x }, attrs) => ({ y: { shape: shapeAfter(name, x, attrs), dtype: 'bool' as const } }),
    lower: ({ x, y }, { dim }, k) =>
      reduce(k, name, asFloats(k, x), y, reducedDims(name, x.rank, dim), reduction),
    backward: notDifferentiable('its result is a truth value'),
  });
}

export const all = defineTruth(
  'all',
  { kernel: reduceForward.all, combine: reduceForward.min },
  '1 where every value over `dim` is not 0, else 0.',
);
export const any = defineTruth(
  'any',
  { kernel: reduceForward.any, combine: reduceForward.max },
  '1 where some value over `dim` is not 0, else 0.',
);
