/**
 * Data movement by strides: what nearly every layout op is. A view names elements of a tensor by an offset and one
 * stride per dimension; reading makes a tensor of the named elements, joining puts tensors at the named places of a
 * larger one. Each is the gradient of the other.
 */
import fillForward from '../../../shaders/layout/fill.forward.wgsl';
import stridedCopy from '../../../shaders/layout/strided.copy.wgsl';
import transposeCopy from '../../../shaders/layout/transpose.copy.wgsl';
import { promotedType, type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineInternal, type Lowering } from '../../graph/ir/op';
import type { DType } from '../../graph/ir/variable';
import { collapse, elementThreads, stridesOf } from '../common';
import { sumTo, viewAs } from '../reduce/sum';

/**
 * The elements offset + sum of c_d * strides[d] for all coordinates c of `shape`. A stride may be negative (flipped)
 * or 0 (repeated, only for reading).
 */
export interface StridedView {
  shape: Shape;
  offset: number;
  strides: readonly number[];
}

/** The view of all elements of a tensor in their order. */
export const wholeView = (shape: Shape): StridedView => ({ shape, offset: 0, strides: stridesOf(shape) });

/** Whether a view is a tensor of `size` elements as it lies in memory. */
function isWhole({ shape, offset, strides }: StridedView, size: number): boolean {
  if (sizeOf(shape) !== size) return false;
  const rowMajor = stridesOf(shape);
  return size === 0 || (offset === 0 && shape.every((n, d) => n === 1 || strides[d] === rowMajor[d]));
}

/** Words of any type become `bits`. */
export function runFill(k: Lowering, y: Tensor, bits: number): void {
  k.dispatch(fillForward, {}, { y }, { n: y.size, value: bits }, elementThreads(y.size, k.device));
}

/** Copies the elements `from` of x to the places `to` of y, two views of one shape; adds when `accumulate` is 1. */
export function runCopy(
  k: Lowering,
  x: Tensor,
  from: StridedView,
  y: Tensor,
  to: StridedView,
  accumulate: 0 | 1,
): void {
  let [xOffset, yOffset] = [from.offset, to.offset];
  // y is walked forwards and with its smallest stride innermost, so that neighbouring threads write neighbours.
  const dims = from.shape
    .map((n, d) => {
      const [sx, sy] = [from.strides[d], to.strides[d]];
      if (sy >= 0 || n === 0) return { n, sx, sy };
      xOffset += (n - 1) * sx;
      yOffset += (n - 1) * sy;
      return { n, sx: -sx, sy: -sy };
    })
    .sort((a, b) => b.sy - a.sy);
  const { shape, strides } = collapse(
    'copy',
    dims.map(({ n }) => n),
    dims.map(({ sx }) => sx),
    dims.map(({ sy }) => sy),
  );
  const [sx, sy] = strides;
  const last = shape.length - 1;
  const offsets = { x_offset: xOffset, y_offset: yOffset };
  const smallest = Math.min(shape[last], shape[last - 1] ?? 0);
  if ((last === 1 || last === 2) && smallest >= 8 && sy[last] === 1 && sx[last - 1] === 1) {
    const [rows, columns] = shape.slice(-2);
    const batches = last === 2 ? shape[0] : 1;
    const { TILE } = transposeCopy.constants;
    const workgroups = batches * Math.ceil(rows / TILE) * Math.ceil(columns / TILE);
    const [xBatch, yBatch] = last === 2 ? [sx[0], sy[0]] : [0, 0];
    k.dispatch(
      transposeCopy,
      { x },
      { y },
      {
        workgroups,
        rows,
        columns,
        accumulate,
        ...offsets,
        x_batch: xBatch,
        x_row: sx[last],
        y_batch: yBatch,
        y_row: sy[last - 1],
      },
      { workgroups },
    );
    return;
  }
  const n = sizeOf(shape);
  const params = {
    n,
    rank: shape.length,
    accumulate,
    ...offsets,
    dims: shape.flatMap((size, d) => [size, sx[d], sy[d], 0]),
  };
  k.dispatch(stridedCopy, { x }, { y }, params, elementThreads(n, k.device));
}

const stridedRead = defineInternal({
  name: 'stridedRead',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }, { shape }: StridedView) => ({ y: { shape, dtype: x.dtype } }),
  fusion: { accumulates: ['y'] },
  lower: ({ x, y }, view: StridedView, k) => runCopy(k, x, view, y, wholeView(view.shape), k.accumulate('y')),
  backward({ x, dy }, view) {
    const once = view.shape.map((n, d) => (view.strides[d] === 0 && n > 1 ? 1 : n));
    const summed = once.join() === view.shape.join() ? dy : sumTo(dy, once);
    return { x: join([summed], x.shape, [{ ...view, shape: once }]) };
  },
});

/** A tensor of the elements that the view names. Costs nothing when that is x as it lies in memory. */
export function strided(x: Tensor, view: StridedView): Tensor {
  return isWhole(view, x.size) ? viewAs(x, view.shape) : stridedRead({ x }, view).y;
}

/** The type of tensors in one: theirs, or floats that hold all of them. */
const joinedType = (tensors: readonly Tensor[]): DType =>
  tensors.every(({ dtype }) => dtype === tensors[0].dtype) ? tensors[0].dtype : promotedType(tensors);

interface JoinAttrs {
  shape: Shape;
  views: readonly StridedView[];
}

const stridedJoin = defineInternal({
  name: 'stridedJoin',
  inputs: ['...tensors'],
  outputs: ['y'],
  shape: ({ tensors }, { shape }: JoinAttrs) => ({ y: { shape, dtype: joinedType(tensors) } }),
  fusion: { accumulates: ['y'] },
  lower({ tensors, y }, { views }: JoinAttrs, k) {
    const accumulate = k.accumulate('y');
    const covered = tensors.reduce((sum, tensor) => sum + tensor.size, 0) === y.size;
    if (!covered && !accumulate) runFill(k, y, 0);
    tensors.forEach((x, i) => {
      runCopy(k, x, wholeView(x.shape), y, views[i], accumulate);
    });
  },
  backward: ({ tensors, dy }, { views }) => ({
    tensors: tensors.map((x, i) => strided(dy, { ...views[i], shape: x.shape })),
  }),
});

/**
 * A tensor of `shape` with the given tensors at the places of their views, which do not overlap, and 0 elsewhere.
 * Costs nothing when a single tensor fills all of it in its order.
 */
export function join(tensors: readonly Tensor[], shape: Shape, views: readonly StridedView[]): Tensor {
  if (tensors.length === 1 && isWhole(views[0], sizeOf(shape))) return viewAs(tensors[0], shape);
  return stridedJoin({ tensors: [...tensors] }, { shape, views }).y;
}
