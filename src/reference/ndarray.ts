/**
 * Plain n-dimensional arrays in float64, shared by the reference references: shapes, broadcasting, iteration, reduction
 * and matrix products, each in its most obvious form. Speed does not matter here, being right at sight does.
 * Dims may be negative everywhere; a 0-d array counts as having one dim of size 1 where a dim is asked for.
 */
import { formatShape, GradloomError } from '../errors';
import type { NdArray } from './types';

/** Number of elements of a shape; 1 for the 0-d shape `[]`, 0 when any dim is 0. */
export function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Row-major strides in elements: the last dim has stride 1. */
export function strides(shape: readonly number[]): number[] {
  const result = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    result[d] = stride;
    stride *= shape[d];
  }
  return result;
}

/** A new array of `shape`, every element `fill`. */
export function makeArray(shape: readonly number[], fill = 0): NdArray {
  return { shape: [...shape], data: new Float64Array(size(shape)).fill(fill) };
}

/** An array of `shape` that holds a copy of `values` in row-major order; their number has to fit the shape. */
export function fromValues(shape: readonly number[], values: ArrayLike<number>): NdArray {
  if (values.length !== size(shape)) {
    throw new GradloomError({
      code: 'internal',
      op: 'reference',
      got: `${values.length} values for ${formatShape(shape)}`,
    });
  }
  return { shape: [...shape], data: Float64Array.from(values) };
}

/** A 0-d array. */
export function scalar(value: number): NdArray {
  return fromValues([], [value]);
}

/** The same elements in row-major order under another shape; one entry may be -1 (found from the others). */
export function reshape(x: NdArray, shape: readonly number[]): NdArray {
  const known = size(shape.filter((n) => n !== -1));
  return fromValues(
    shape.map((n) => (n === -1 ? x.data.length / known : n)),
    x.data,
  );
}

/** `dim` as a number in [0, rank). */
export function normalizeDim(dim: number, rank: number): number {
  const count = Math.max(rank, 1);
  const result = dim < 0 ? dim + count : dim;
  if (!Number.isInteger(dim) || result < 0 || result >= count) {
    throw new GradloomError({ code: 'internal', op: 'reference', got: `dim ${dim} of rank ${rank}` });
  }
  return result;
}

/** The `dim` argument of a reduction as a list: null, undefined and the empty list mean all dims. */
export function normalizeDims(dim: number | readonly number[] | null | undefined, rank: number): number[] {
  const list = typeof dim === 'number' ? [dim] : (dim ?? []);
  if (list.length === 0) return Array.from({ length: rank }, (_, d) => d);
  // A 0-d array accepts dim 0 and -1 but has no dim to reduce.
  return rank === 0 ? [] : list.map((d) => normalizeDim(d, rank));
}

/** Calls `visit` for every index of `shape` in row-major order. The same `index` array is reused: copy it to keep it. */
export function forEachIndex(shape: readonly number[], visit: (index: number[], flat: number) => void): void {
  const index = new Array<number>(shape.length).fill(0);
  const count = size(shape);
  for (let flat = 0; flat < count; flat++) {
    visit(index, flat);
    for (let d = shape.length - 1; d >= 0 && ++index[d] === shape[d]; d--) index[d] = 0;
  }
}

/** Position in `data` of the element at `index`. */
export function offsetOf(index: readonly number[], stride: readonly number[]): number {
  let offset = 0;
  for (let d = 0; d < index.length; d++) offset += index[d] * stride[d];
  return offset;
}

/** The array whose element at each index of `shape` is `value(index)`. `index` is reused between calls. */
export function build(shape: readonly number[], value: (index: number[], flat: number) => number): NdArray {
  const result = makeArray(shape);
  forEachIndex(shape, (index, flat) => {
    result.data[flat] = value(index, flat);
  });
  return result;
}

/** The common shape by the NumPy rule: aligned at the last dim, equal or 1. */
export function broadcastShapes(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, d) => {
    const sizes = shapes.map((shape) => shape[shape.length - rank + d] ?? 1);
    const result = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.some((n) => n !== 1 && n !== result)) {
      throw new GradloomError({
        code: 'internal',
        op: 'reference',
        got: `shapes ${shapes.map(formatShape).join(' and ')}`,
        expected: 'shapes that broadcast',
      });
    }
    return result;
  });
}

/** A copy of `x` expanded to `shape`. */
export function broadcastTo(x: NdArray, shape: readonly number[]): NdArray {
  const lead = shape.length - x.shape.length;
  const stride = strides(x.shape);
  const wide = shape.map((_, d) => (d < lead || x.shape[d - lead] === 1 ? 0 : stride[d - lead]));
  return build(shape, (index) => x.data[offsetOf(index, wide)]);
}

/** `f` of the elements of all arrays at each index, the arrays broadcast against each other. */
export function mapElements(f: (...values: number[]) => number, ...arrays: NdArray[]): NdArray {
  const shape = broadcastShapes(...arrays.map((a) => a.shape));
  const count = size(shape);
  const sources = arrays.map((a) => (a.data.length === count ? a.data : broadcastTo(a, shape).data));
  const result = makeArray(shape);
  for (let i = 0; i < count; i++) result.data[i] = f(...sources.map((data) => data[i]));
  return result;
}

/** `x` with its dims in the order of `dims`: `dims[d]` is the old dim that becomes dim `d`. */
export function transposeDims(x: NdArray, dims: readonly number[]): NdArray {
  const order = dims.map((d) => normalizeDim(d, x.shape.length));
  const stride = strides(x.shape);
  const permuted = order.map((d) => stride[d]);
  return build(
    order.map((d) => x.shape[d]),
    (index) => x.data[offsetOf(index, permuted)],
  );
}

/** `x` with two of its dims exchanged. */
export function swapDims(x: NdArray, dim0: number, dim1: number): NdArray {
  const order = x.shape.map((_, d) => d);
  const [a, b] = [normalizeDim(dim0, order.length), normalizeDim(dim1, order.length)];
  [order[a], order[b]] = [order[b], order[a]];
  return transposeDims(x, order);
}

/**
 * Reduces the dims `dim` (null: all) with `reduce`, which gets the values of one group in row-major order (none
 * when a reduced dim is 0). The result keeps the reduced dims as 1 when `keepdim` is true.
 */
export function reduceDims(
  x: NdArray,
  dim: number | readonly number[] | null | undefined,
  keepdim: boolean,
  reduce: (values: Float64Array) => number,
): NdArray {
  const reduced = normalizeDims(dim, x.shape.length);
  const kept = x.shape.map((_, d) => d).filter((d) => !reduced.includes(d));
  const moved = transposeDims(x, [...kept, ...[...reduced].sort((a, b) => a - b)]);
  const length = size(reduced.map((d) => x.shape[d]));
  const shape = keepdim ? x.shape.map((n, d) => (reduced.includes(d) ? 1 : n)) : kept.map((d) => x.shape[d]);
  const result = makeArray(shape);
  for (let i = 0; i < result.data.length; i++) {
    result.data[i] = reduce(moved.data.subarray(i * length, (i + 1) * length));
  }
  return result;
}

/** Replaces every lane of `x` along `dim` by `f(lane)`; all results must have one length, the new size of `dim`. */
export function mapLanes(x: NdArray, dim: number, f: (lane: Float64Array) => ArrayLike<number>): NdArray {
  const rank = x.shape.length;
  if (rank === 0) return fromValues([], f(x.data));
  const axis = normalizeDim(dim, rank);
  const moved = swapDims(x, axis, rank - 1);
  const length = moved.shape[rank - 1];
  const count = size(moved.shape.slice(0, -1));
  const lanes = Array.from({ length: count }, (_, i) => f(moved.data.slice(i * length, (i + 1) * length)));
  const newLength = lanes[0]?.length ?? f(new Float64Array(length)).length;
  const result = makeArray([...moved.shape.slice(0, -1), newLength]);
  for (const [i, lane] of lanes.entries()) result.data.set(Array.from(lane), i * newLength);
  return swapDims(result, axis, rank - 1);
}

/**
 * torch.matmul: [..., n, k] times [..., k, m] gives [..., n, m], leading dims broadcast; a 1-d left operand counts
 * as [1, k], a 1-d right operand as [k, 1], and the added dim is removed again.
 */
export function matmulNd(a: NdArray, b: NdArray): NdArray {
  const left = a.shape.length === 1 ? reshape(a, [1, a.shape[0]]) : a;
  const right = b.shape.length === 1 ? reshape(b, [b.shape[0], 1]) : b;
  const [n, k] = left.shape.slice(-2);
  const [inner, m] = right.shape.slice(-2);
  if (k !== inner) {
    const got = `${formatShape(a.shape)} times ${formatShape(b.shape)}`;
    throw new GradloomError({ code: 'internal', op: 'reference', got });
  }
  const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const A = broadcastTo(left, [...batch, n, k]).data;
  const B = broadcastTo(right, [...batch, k, m]).data;
  const result = makeArray([...batch, n, m]);
  for (let s = 0; s < size(batch); s++) {
    for (let i = 0; i < n; i++) {
      for (let p = 0; p < k; p++) {
        const value = A[(s * n + i) * k + p];
        for (let j = 0; j < m; j++) result.data[(s * n + i) * m + j] += value * B[(s * k + p) * m + j];
      }
    }
  }
  const shape = [...batch];
  if (a.shape.length > 1) shape.push(n);
  if (b.shape.length > 1) shape.push(m);
  return { shape, data: result.data };
}
