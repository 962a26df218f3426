/**
 * Float64 references of the ops that only rearrange, repeat or drop elements. Each says for every output index which
 * input element it shows, so its gradient is a sum over the places where an element is shown.
 */
import { cases } from './layout.cases';
import {
  broadcastTo,
  build,
  makeArray,
  normalizeDim,
  normalizeDims,
  offsetOf,
  reshape,
  strides,
  swapDims,
  transposeDims,
} from './ndarray';
import type { NdArray, Reference } from './types';

type Attrs = Parameters<Reference['forward']>[1];

/** A number or a list of numbers, as PyTorch accepts for dims. */
const toList = (value: number | number[]): number[] => (typeof value === 'number' ? [value] : value);

/** The array of `shape` whose element at `index` is the element of `x` at `source(index)`. */
function pick(x: NdArray, shape: readonly number[], source: (index: number[]) => number[]): NdArray {
  const stride = strides(x.shape);
  return build(shape, (index) => x.data[offsetOf(source(index), stride)]);
}

/** `list` with the entry at `at` replaced. */
const withEntry = (list: readonly number[], at: number, value: number): number[] =>
  list.map((entry, i) => (i === at ? value : entry));

function flatten(x: NdArray, startDim: number, endDim: number): NdArray {
  if (x.shape.length === 0) return reshape(x, [1]);
  const [start, end] = [normalizeDim(startDim, x.shape.length), normalizeDim(endDim, x.shape.length)];
  let merged = 1;
  for (let d = start; d <= end; d++) merged *= x.shape[d];
  return { shape: [...x.shape.slice(0, start), merged, ...x.shape.slice(end + 1)], data: x.data.slice() };
}

function unflatten(x: NdArray, dim: number, sizes: number[]): NdArray {
  const at = normalizeDim(dim, x.shape.length);
  const part = reshape({ shape: [x.shape[at]], data: new Float64Array(x.shape[at]) }, sizes).shape;
  return { shape: [...x.shape.slice(0, at), ...part, ...x.shape.slice(at + 1)], data: x.data.slice() };
}

function squeeze(x: NdArray, dim: number | number[] | null): NdArray {
  // No dims at all are none, unlike for reductions.
  const none = Array.isArray(dim) && dim.length === 0;
  const dims = none ? [] : normalizeDims(dim, x.shape.length);
  return { shape: x.shape.filter((n, d) => n !== 1 || !dims.includes(d)), data: x.data.slice() };
}

function unsqueeze(x: NdArray, dim: number): NdArray {
  const at = normalizeDim(dim, x.shape.length + 1);
  return { shape: [...x.shape.slice(0, at), 1, ...x.shape.slice(at)], data: x.data.slice() };
}

function movedim(x: NdArray, source: number | number[], destination: number | number[]): NdArray {
  const rank = x.shape.length;
  const from = toList(source).map((d) => normalizeDim(d, rank));
  const to = toList(destination).map((d) => normalizeDim(d, rank));
  const rest = x.shape.map((_, d) => d).filter((d) => !from.includes(d));
  const order = x.shape.map((_, d) => (to.includes(d) ? from[to.indexOf(d)] : rest.shift()!));
  return transposeDims(x, order);
}

function cat(tensors: NdArray[], dim: number): NdArray {
  // PyTorch skips one-dimensional empty tensors whatever the rank of the others.
  const parts = tensors.filter((t) => !(t.shape.length === 1 && t.shape[0] === 0));
  if (parts.length === 0) return makeArray([0]);
  const at = normalizeDim(dim, parts[0].shape.length);
  const total = parts.reduce((sum, t) => sum + t.shape[at], 0);
  return build(withEntry(parts[0].shape, at, total), (index) => {
    let position = index[at];
    let t = 0;
    while (position >= parts[t].shape[at]) position -= parts[t++].shape[at];
    return parts[t].data[offsetOf(withEntry(index, at, position), strides(parts[t].shape))];
  });
}

function stack(tensors: NdArray[], dim: number): NdArray {
  const at = normalizeDim(dim, tensors[0].shape.length + 1);
  return cat(
    tensors.map((t) => unsqueeze(t, at)),
    at,
  );
}

function narrow(x: NdArray, dim: number, start: number, length: number): NdArray {
  const at = normalizeDim(dim, x.shape.length);
  const first = start < 0 ? start + x.shape[at] : start;
  return pick(x, withEntry(x.shape, at, length), (index) => withEntry(index, at, index[at] + first));
}

function split(x: NdArray, sizes: number[], dim: number): Record<string, NdArray> {
  const parts: Record<string, NdArray> = {};
  let start = 0;
  for (const [i, length] of sizes.entries()) {
    parts[`y${i}`] = narrow(x, dim, start, length);
    start += length;
  }
  return parts;
}

/** Pieces of `each` elements, the last one shorter when `total` is no multiple; one empty piece of nothing. */
function pieceSizes(total: number, each: number): number[] {
  const count = Math.max(1, Math.ceil(total / each));
  return Array.from({ length: count }, (_, i) => Math.min(each, total - i * each));
}

function chunk(x: NdArray, chunks: number, dim: number): Record<string, NdArray> {
  const total = x.shape[normalizeDim(dim, x.shape.length)];
  const each = Math.ceil(total / chunks);
  return split(x, each === 0 ? new Array<number>(chunks).fill(0) : pieceSizes(total, each), dim);
}

function select(x: NdArray, dim: number, index: number): NdArray {
  const at = normalizeDim(dim, x.shape.length);
  const one = narrow(x, at, index, 1);
  return { shape: one.shape.filter((_, d) => d !== at), data: one.data };
}

type Bound = number | null;

/** x[start:end:step] in one dim, by Python's rules: bounds count from the end when negative and are clamped. */
function sliceDim(x: NdArray, dim: number, start: Bound, end: Bound, step: number): NdArray {
  const at = normalizeDim(dim, x.shape.length);
  const n = x.shape[at];
  const clamp = (bound: number) => Math.min(Math.max(bound < 0 ? bound + n : bound, 0), n);
  const [first, last] = [clamp(start ?? 0), clamp(end ?? n)];
  const length = Math.max(0, Math.ceil((last - first) / step));
  return pick(x, withEntry(x.shape, at, length), (index) => withEntry(index, at, first + index[at] * step));
}

function slice(x: NdArray, { dim = 0, start = null, end = null, step = 1 }: Attrs): NdArray {
  // One entry of a list per sliced dim; a plain number or null holds for all of them.
  const at = <T>(value: T | T[], i: number): T => (Array.isArray(value) ? value[i] : value);
  return toList(dim).reduce(
    (y, d, i) => sliceDim(y, d, at<Bound>(start, i), at<Bound>(end, i), at<number>(step, i)),
    x,
  );
}

/** Where a padded position reads its dim of `n` elements; null outside (constant padding). */
function padSource(mode: string, position: number, n: number): number | null {
  if (position >= 0 && position < n) return position;
  switch (mode) {
    case 'reflect':
      return position < 0 ? -position : 2 * (n - 1) - position;
    case 'replicate':
      return position < 0 ? 0 : n - 1;
    case 'circular':
      return position < 0 ? position + n : position - n;
    default:
      return null;
  }
}

function pad(x: NdArray, amounts: number[], mode: string, value: number): NdArray {
  const rank = x.shape.length;
  const before = x.shape.map((_, d) => amounts[2 * (rank - 1 - d)] ?? 0);
  const after = x.shape.map((_, d) => amounts[2 * (rank - 1 - d) + 1] ?? 0);
  const stride = strides(x.shape);
  return build(
    x.shape.map((n, d) => before[d] + n + after[d]),
    (index) => {
      const source = index.map((i, d) => padSource(mode, i - before[d], x.shape[d]));
      return source.includes(null) ? value : x.data[offsetOf(source as number[], stride)];
    },
  );
}

function expand(x: NdArray, sizes: number[]): NdArray {
  const lead = sizes.length - x.shape.length;
  return broadcastTo(
    x,
    sizes.map((n, d) => (n === -1 ? x.shape[d - lead] : n)),
  );
}

/** The whole of `x` repeated `counts[d]` times along dim d; the shorter of shape and counts gets leading ones. */
function tile(x: NdArray, counts: number[]): NdArray {
  const rank = Math.max(counts.length, x.shape.length);
  const leadingOnes = (list: number[]) => [...new Array<number>(rank - list.length).fill(1), ...list];
  const wide = reshape(x, leadingOnes(x.shape));
  const shape = leadingOnes(counts).map((count, d) => count * wide.shape[d]);
  return pick(wide, shape, (index) => index.map((i, d) => i % wide.shape[d]));
}

function repeatInterleave(x: NdArray, repeats: number | number[], dim: number | null): NdArray {
  const source = dim === null ? reshape(x, [x.data.length]) : x;
  const at = normalizeDim(dim ?? 0, source.shape.length);
  const counts = toList(repeats);
  const origins = Array.from({ length: source.shape[at] }, (_, i) =>
    new Array<number>(counts[counts.length === 1 ? 0 : i]).fill(i),
  ).flat();
  return pick(source, withEntry(source.shape, at, origins.length), (index) =>
    withEntry(index, at, origins[index[at]]),
  );
}

function flip(x: NdArray, dims: number | number[]): NdArray {
  const flipped = toList(dims).map((d) => normalizeDim(d, x.shape.length));
  return pick(x, x.shape, (index) => index.map((i, d) => (flipped.includes(d) ? x.shape[d] - 1 - i : i)));
}

function roll(x: NdArray, shifts: number | number[], dims: number | number[] | null): NdArray {
  if (dims === null) return { shape: x.shape, data: roll(reshape(x, [x.data.length]), shifts, 0).data };
  const by = x.shape.map(() => 0);
  for (const [i, d] of toList(dims).entries()) by[normalizeDim(d, x.shape.length)] += toList(shifts)[i];
  return pick(x, x.shape, (index) =>
    index.map((i, d) => (((i - by[d]) % x.shape[d]) + x.shape[d]) % x.shape[d]),
  );
}

function diagonal(x: NdArray, offset: number, dim1: number, dim2: number): NdArray {
  const [rows, columns] = [normalizeDim(dim1, x.shape.length), normalizeDim(dim2, x.shape.length)];
  const [row, column] = [Math.max(-offset, 0), Math.max(offset, 0)];
  const length = Math.max(0, Math.min(x.shape[rows] - row, x.shape[columns] - column));
  const others = x.shape.map((_, d) => d).filter((d) => d !== rows && d !== columns);
  const shape = [...others.map((d) => x.shape[d]), length];
  return pick(x, shape, (index) => {
    const step = index[others.length];
    return x.shape.map((_, d) => {
      if (d === rows) return row + step;
      return d === columns ? column + step : index[others.indexOf(d)];
    });
  });
}

/** `x` with zeros where `keep` is false of (column - row), the last two dims being row and column. */
function triangle(x: NdArray, keep: (offset: number) => boolean): NdArray {
  const rank = x.shape.length;
  return build(x.shape, (index, flat) => (keep(index[rank - 1] - index[rank - 2]) ? x.data[flat] : 0));
}

/** An op with the single input `x` and the single output `y`. */
const unary = (name: string, f: (x: NdArray, attrs: Attrs) => NdArray): Reference => ({
  forward: ({ x }, attrs) => ({ y: f(x, attrs) }),
  cases: cases[name],
});

/** The references of the layout ops by canonical name. */
export const references: Record<string, Reference> = {
  reshape: unary('reshape', (x, { shape }) => reshape(x, shape)),
  flatten: unary('flatten', (x, { startDim = 0, endDim = -1 }) => flatten(x, startDim, endDim)),
  unflatten: unary('unflatten', (x, { dim, sizes }) => unflatten(x, dim, sizes)),
  permute: unary('permute', (x, { dims }) => transposeDims(x, dims)),
  transpose: unary('transpose', (x, { dim0, dim1 }) => swapDims(x, dim0, dim1)),
  squeeze: unary('squeeze', (x, { dim = null }) => squeeze(x, dim)),
  unsqueeze: unary('unsqueeze', (x, { dim }) => unsqueeze(x, dim)),
  movedim: unary('movedim', (x, { source, destination }) => movedim(x, source, destination)),
  cat: { forward: ({ tensors }, { dim = 0 }) => ({ y: cat(tensors, dim) }), cases: cases.cat },
  stack: { forward: ({ tensors }, { dim = 0 }) => ({ y: stack(tensors, dim) }), cases: cases.stack },
  split: {
    forward: ({ x }, { splitSizeOrSections: sizes, dim = 0 }) => {
      const total = x.shape[normalizeDim(dim, x.shape.length)];
      return split(x, typeof sizes === 'number' ? pieceSizes(total, sizes) : sizes, dim);
    },
    cases: cases.split,
  },
  chunk: { forward: ({ x }, { chunks, dim = 0 }) => chunk(x, chunks, dim), cases: cases.chunk },
  narrow: unary('narrow', (x, { dim, start, length }) => narrow(x, dim, start, length)),
  select: unary('select', (x, { dim, index }) => select(x, dim, index)),
  slice: unary('slice', slice),
  pad: unary('pad', (x, { pad: amounts, mode = 'constant', value = 0 }) => pad(x, amounts, mode, value)),
  expand: unary('expand', (x, { size }) => expand(x, size)),
  tile: unary('tile', (x, { dims }) => tile(x, dims)),
  repeat: unary('repeat', (x, { sizes }) => tile(x, sizes)),
  repeatInterleave: unary('repeatInterleave', (x, { repeats, dim = null }) =>
    repeatInterleave(x, repeats, dim),
  ),
  flip: unary('flip', (x, { dims }) => flip(x, dims)),
  roll: unary('roll', (x, { shifts, dims = null }) => roll(x, shifts, dims)),
  diagonal: unary('diagonal', (x, { offset = 0, dim1 = 0, dim2 = 1 }) => diagonal(x, offset, dim1, dim2)),
  triu: unary('triu', (x, { diagonal: first = 0 }) => triangle(x, (offset) => offset >= first)),
  tril: unary('tril', (x, { diagonal: last = 0 }) => triangle(x, (offset) => offset <= last)),
};
