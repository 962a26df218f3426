/**
 * The two halves of all indexing: taking elements at indices, and adding elements at indices. Each is the gradient of
 * the other. Adding is deterministic although indices may repeat: every target sums its own positions in their order,
 * found by looking through the line of indices when it is short, else by sorting all positions by target.
 */
import gatherForward from '../../../shaders/indexing/gather.forward.wgsl';
import indexKeys from '../../../shaders/indexing/index.keys.wgsl';
import addCombine from '../../../shaders/indexing/scatter_add.combine.wgsl';
import addLine from '../../../shaders/indexing/scatter_add.line.wgsl';
import addSegments from '../../../shaders/indexing/scatter_add.segments.wgsl';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { LONGEST_LOOP } from '../../graph/ir/grid';
import { defineInternal, type Lowering } from '../../graph/ir/op';
import { collapse, elementThreads, loopRanges, splitAt, stridesOf, threadsOf } from '../common';
import { strided, wholeView } from '../layout/strided';
import { runSortedStarts } from './sort';

/** How indices address a tensor along dimension `dim`. */
export interface Indexing {
  dim: number;
  /**
   * true: the elements of index, in memory order, are the positions along `dim` for all lines alike. false: index has
   * the rank of the tensor, and each of its elements stands for one element.
   */
  shared: boolean;
  /** An index that takes no part in adding. */
  skip?: number;
}

/**
 * Lines up to this length are looked through by every target, and longer ones where that takes few comparisons in all:
 * one dispatch instead of the ten of sorting, which the others take.
 */
const LONGEST_SCAN = 32;
const MOST_COMPARISONS = 2 ** 22;
/** Threads that adding should keep busy, if need be by splitting the positions of a target. */
const THREADS = 16384;
/** Value for an index out of range: NaN, or the least int32. */
const INVALID = { f32: 0x7fc00000, bool: 0x7fc00000, i32: 0x80000000 };

/** No index: unsigned, all bits set. */
const NOTHING = 0xffffffff;

/** Strides of a tensor with 0 at the indexed dimension. */
const stridesBeside = (shape: Shape, dim: number) =>
  stridesOf(shape).map((stride, d) => (d === dim ? 0 : stride));

/** The shape of what is taken along `dim`: [outer, positions, inner] when index is shared, else that of index. */
function takenShape(x: Shape, index: Tensor, { dim, shared }: Indexing): Shape {
  if (!shared) return index.shape;
  const { outer, inner } = splitAt(x, dim);
  return [outer, index.size, inner];
}

interface TakeAttrs extends Indexing {
  /** Output shape. */
  shape: Shape;
  /** Gradients: an index out of range, which added nothing, gives 0. */
  zeroOutside?: boolean;
}

/**
 * y = the elements of x at the indices. Indices out of range give NaN, in int32 tensors the least number; 0 with
 * `zeroOutside`.
 */
export const take = defineInternal({
  name: 'take',
  inputs: ['x', 'index'],
  outputs: ['y'],
  shape: ({ x }, { shape }: TakeAttrs) => ({ y: { shape, dtype: x.dtype } }),
  fusion: { accumulates: ['y'] },
  lower({ x, index, y }, attrs: TakeAttrs, k) {
    const { outer, size, inner } = splitAt(x.shape, attrs.dim);
    const taken = takenShape(x.shape, index, attrs);
    const [xStrides, indexStrides] = attrs.shared
      ? [
          [size * inner, 0, 1],
          [0, 1, 0],
        ]
      : [stridesBeside(x.shape, attrs.dim), stridesOf(index.shape)];
    const { shape, strides } = collapse('take', taken, xStrides, indexStrides);
    const params = {
      n: y.size,
      rank: shape.length,
      accumulate: k.accumulate('y'),
      limit: outer * inner === 0 ? 0 : size,
      stride: inner,
      invalid: attrs.zeroOutside ? 0 : INVALID[x.dtype === 'i32' ? 'i32' : 'f32'],
      dims: shape.flatMap((n, d) => [n, strides[0][d], strides[1][d], 0]),
    };
    k.dispatch(gatherForward, { x, index }, { y }, params, elementThreads(y.size, k.device));
  },
  backward: ({ x, index, dy }, attrs) => ({ x: addAt(index, dy, x.shape, attrs) }),
});

/** The positions of an index in the order of the targets that they name. */
export interface SortedTargets {
  /** Positions of index, those of one target in their order, next to each other. */
  order: Tensor;
  /** [rows + 1]: where in `order` those of each target begin. */
  starts: Tensor;
  rows: number;
  /** Sources are [outer, positions, inner], targets [outer, rows, inner]. */
  sizes: { inner: number; outer: number; positions: number };
}

/** Dispatches that sort the positions of index by the target of `shape` that they name. */
export function sortTargets(
  k: Lowering,
  index: Tensor,
  shape: Shape,
  { dim, shared, skip }: Indexing,
): SortedTargets {
  const { outer, size, inner } = splitAt(shape, dim);
  // Shared indices name rows; others name single elements, whatever dimension they are in.
  const rows = shared ? size : sizeOf(shape);
  const n = index.size;
  const places = shared
    ? { shape: [n], strides: [[0]] }
    : collapse('add', index.shape, stridesBeside(shape, dim));
  const keys = k.scratch([n], 'i32');
  const addressing = {
    rank: places.shape.length,
    limit: size,
    stride: shared ? 1 : inner,
    skip: skip ?? NOTHING,
    dims: places.shape.flatMap((count, d) => [count, places.strides[0][d], 0, 0]),
  };
  k.dispatch(indexKeys, { index }, { keys }, { n, rows, ...addressing }, elementThreads(n, k.device));
  const { order, starts } = runSortedStarts(k, keys, rows);
  const sizes = shared ? { inner, outer, positions: n } : { inner: 1, outer: 1, positions: n };
  return { order, starts, rows, sizes };
}

/** y += or = alpha * src added at the indices to zeros; src has the elements of `takenShape`. */
export function runAdd(
  k: Lowering,
  index: Tensor,
  src: Tensor,
  y: Tensor,
  { dim, shared, skip }: Indexing,
  options: { accumulate: 0 | 1; alpha?: number },
): void {
  const { accumulate, alpha = 1 } = options;
  const { outer, size, inner } = splitAt(y.shape, dim);
  const aligned = shared || index.shape.every((n, d) => d === dim || n === y.shape[d]);
  const positions = shared ? index.size : (index.shape[dim] ?? 1);
  const inBlocks = shared && inner % 4 === 0;
  const everyElement = elementThreads(y.size, k.device);
  const rounds = inBlocks
    ? positions / 4
    : (positions + 2) * Math.ceil(y.size / Math.max(1, threadsOf(addLine.element, everyElement)));
  const isShort = y.size * positions <= MOST_COMPARISONS && rounds <= LONGEST_LOOP;
  if (positions === 0 || (aligned && (positions <= LONGEST_SCAN || isShort))) {
    const sizes = { inner, rows: size, positions, skip: skip ?? NOTHING, alpha };
    const constants = { ACCUMULATE: accumulate };
    if (inBlocks) {
      const n = (outer * Math.ceil(size / 4) * inner) / 4;
      k.dispatch(addLine.block, { index, src }, { y }, { n, ...sizes }, { threads: n }, { constants });
    } else {
      const params = { n: y.size, ...sizes, shared_index: shared };
      k.dispatch(addLine.element, { index, src }, { y }, params, everyElement, { constants });
    }
    return;
  }
  const { order, starts, rows, sizes } = sortTargets(k, index, y.shape, { dim, shared, skip });
  const n = index.size;
  const splits = Math.max(
    1,
    Math.min(Math.floor(THREADS / Math.max(1, y.size)), Math.ceil(n / LONGEST_SCAN)),
  );
  const parts = splits === 1 ? y : k.scratch([splits, y.size]);
  const elements = splits * y.size;
  const eachElement = elementThreads(elements, k.device);
  const perThread = Math.ceil(elements / Math.max(1, threadsOf(addSegments, eachElement)));
  // All elements of a thread may be of one target, which all positions may name.
  loopRanges(Math.ceil(n / splits) + 1, perThread + 1).forEach(({ first, end }, i) => {
    const range = { begin: Math.min(n, first * splits), end: Math.min(n, end * splits) };
    const adds = { accumulate: i > 0 ? 1 : splits === 1 ? accumulate : 0, alpha, ...range };
    k.dispatch(
      addSegments,
      { src, order, starts },
      { y: parts },
      { n: elements, rows, splits, ...adds, ...sizes },
      eachElement,
    );
  });
  if (splits === 1) return;
  k.dispatch(
    addCombine,
    { partial: parts },
    { y },
    { n: y.size, splits, accumulate },
    elementThreads(y.size, k.device),
  );
}

interface AddAttrs extends Indexing {
  /** Shape of the target. */
  shape: Shape;
}

const addAtOp = defineInternal({
  name: 'addAt',
  inputs: ['index', 'src'],
  outputs: ['y'],
  shape: (_, { shape }: AddAttrs) => ({ y: shape }),
  fusion: { accumulates: ['y'] },
  lower: ({ index, src, y }, attrs: AddAttrs, k) =>
    runAdd(k, index, src, y, attrs, { accumulate: k.accumulate('y') }),
  backward: ({ index, src, dy }, attrs) => ({
    src: take({ x: dy, index }, { ...attrs, shape: src.shape, zeroOutside: true }).y,
  }),
});

/** Zeros of `shape` with the elements of src added at the indices. */
export const addAt = (index: Tensor, src: Tensor, shape: Shape, indexing: Indexing): Tensor =>
  addAtOp({ index, src }, { ...indexing, shape }).y;

/** The part of `src` that lies within the shape of `index`, which may be smaller: the rest is not used. */
export function cropTo(src: Tensor, index: Tensor): Tensor {
  return strided(src, { ...wholeView(src.shape), shape: index.shape });
}
