/**
 * Float64 references of the ops that read or write at positions given by an integer tensor. Indices count from 0;
 * one that is out of range is an error, as in PyTorch.
 */
import { cases } from './indexing.cases';
import {
  broadcastShapes,
  broadcastTo,
  build,
  forEachIndex,
  makeArray,
  mapElements,
  normalizeDim,
  offsetOf,
  reshape,
  strides,
} from './ndarray';
import type { NdArray, Reference } from './types';

/** `index[at]` replaced by the index `value`, which has to lie in [0, n). */
function replaceIndex(index: readonly number[], at: number, value: number, n: number): number[] {
  if (!Number.isInteger(value) || value < 0 || value >= n) {
    throw new Error(`index ${value} is out of range for a dim of size ${n}`);
  }
  return index.map((i, d) => (d === at ? value : i));
}

/** A 0-d array as one of a single element, because index ops accept dim 0 there. */
const atLeast1d = (x: NdArray): NdArray => (x.shape.length === 0 ? reshape(x, [1]) : x);

function gather(x: NdArray, index: NdArray, dim: number): NdArray {
  const source = atLeast1d(x);
  const at = normalizeDim(dim, source.shape.length);
  const stride = strides(source.shape);
  const y = build(atLeast1d(index).shape, (position, flat) => {
    const from = replaceIndex(position, at, index.data[flat], source.shape[at]);
    return source.data[offsetOf(from, stride)];
  });
  return reshape(y, index.shape);
}

/**
 * A copy of `x` in which each element of `index`, together with the element of `src` at the same position, changes
 * one element through `combine(old, new)`. `src` may be larger than `index`; its other elements are not used.
 */
function scatterWith(
  x: NdArray,
  index: NdArray,
  src: NdArray,
  dim: number,
  combine: (old: number, value: number) => number,
): NdArray {
  const y = reshape(x, x.shape);
  const at = normalizeDim(dim, x.shape.length);
  const [stride, sourceStride] = [strides(x.shape), strides(src.shape)];
  forEachIndex(index.shape, (position, flat) => {
    const to = offsetOf(replaceIndex(position, at, index.data[flat], x.shape[at]), stride);
    y.data[to] = combine(y.data[to], src.data[offsetOf(position, sourceStride)]);
  });
  return y;
}

/** An array of one value. */
const filled = (shape: readonly number[], value: number): NdArray => build(shape, () => value);

/** One value at all that index names of x. */
const linesOf = (x: NdArray, index: NdArray, dim: number, value: number): NdArray =>
  filled(
    x.shape.map((n, d) => (d === normalizeDim(dim, x.shape.length) ? index.data.length : n)),
    value,
  );

/** A copy of x in which whole positions of `dim` change through `combine(old, new)`. */
function indexWith(
  x: NdArray,
  index: NdArray,
  source: NdArray,
  dim: number,
  combine: (old: number, value: number) => number,
): NdArray {
  const y = reshape(x, x.shape);
  const at = normalizeDim(dim, x.shape.length);
  const stride = strides(x.shape);
  forEachIndex(source.shape, (position, flat) => {
    const to = replaceIndex(position, at, index.data[position[at]], x.shape[at]);
    const place = offsetOf(to, stride);
    y.data[place] = combine(y.data[place], source.data[flat]);
  });
  return y;
}

function indexSelect(x: NdArray, index: NdArray, dim: number): NdArray {
  const source = atLeast1d(x);
  const at = normalizeDim(dim, source.shape.length);
  const stride = strides(source.shape);
  const shape = source.shape.map((n, d) => (d === at ? index.data.length : n));
  const y = build(shape, (position) => {
    const from = replaceIndex(position, at, index.data[position[at]], source.shape[at]);
    return source.data[offsetOf(from, stride)];
  });
  return x.shape.length === 0 ? reshape(y, []) : y;
}

/** Like gather, but `x` and `index` are broadcast against each other in all dims except `dim`. */
function takeAlongDim(x: NdArray, index: NdArray, dim: number | null): NdArray {
  if (dim === null) return gather(reshape(x, [x.data.length]), reshape(index, [index.data.length]), 0);
  const at = normalizeDim(dim, x.shape.length);
  const without = (shape: readonly number[]) => shape.map((n, d) => (d === at ? 1 : n));
  const common = broadcastShapes(without(x.shape), without(index.shape));
  const withDim = (n: number) => common.map((size, d) => (d === at ? n : size));
  return gather(broadcastTo(x, withDim(x.shape[at])), broadcastTo(index, withDim(index.shape[at])), at);
}

function oneHot(x: NdArray, numClasses: number): NdArray {
  const classes = numClasses === -1 ? Math.max(...x.data) + 1 : numClasses;
  const y = makeArray([...x.shape, classes]);
  for (const [i, value] of x.data.entries()) {
    y.data[offsetOf(replaceIndex([i, 0], 1, value, classes), [classes, 1])] = 1;
  }
  return y;
}

/** y[..., e] = weight[x[...], e]; `paddingIdx` names a row without gradient and changes no value. */
function embedding(x: NdArray, weight: NdArray): NdArray {
  const y = indexSelect(weight, x, 0);
  return reshape(y, [...x.shape, weight.shape[1]]);
}

/** The references of the indexing ops by canonical name. */
export const references: Record<string, Reference> = {
  gather: { forward: ({ x, index }, { dim }) => ({ y: gather(x, index, dim) }), cases: cases.gather },
  scatterAdd: {
    forward: ({ x, index, src }, { dim }) => ({
      y: scatterWith(x, index, src, dim, (old, value) => old + value),
    }),
    cases: cases.scatterAdd,
  },
  scatter: {
    forward: ({ x, index, src }, { dim, value, reduce }) => ({
      y: scatterWith(x, index, src ?? filled(index.shape, Number(value)), dim, (old, v) =>
        reduce === 'add' ? old + v : v,
      ),
    }),
    cases: cases.scatter,
  },
  indexAdd: {
    forward: ({ x, index, source }, { dim, alpha = 1 }) => ({
      y: indexWith(x, index, source, dim, (old, value) => old + alpha * value),
    }),
    cases: cases.indexAdd,
  },
  indexCopy: {
    forward: ({ x, index, source }, { dim }) => ({
      y: indexWith(x, index, source, dim, (_, value) => value),
    }),
    cases: cases.indexCopy,
  },
  indexFill: {
    forward: ({ x, index }, { dim, value }) => ({
      y: indexWith(x, index, linesOf(x, index, dim, value), dim, (_, v) => v),
    }),
    cases: cases.indexFill,
  },
  take: {
    forward: ({ x, index }) => ({
      y: reshape(gather(reshape(x, [x.data.length]), reshape(index, [index.data.length]), 0), index.shape),
    }),
    cases: cases.take,
  },
  indexSelect: {
    forward: ({ x, index }, { dim }) => ({ y: indexSelect(x, index, dim) }),
    cases: cases.indexSelect,
  },
  takeAlongDim: {
    forward: ({ x, index }, { dim = null }) => ({ y: takeAlongDim(x, index, dim) }),
    cases: cases.takeAlongDim,
  },
  oneHot: { forward: ({ x }, { numClasses = -1 }) => ({ y: oneHot(x, numClasses) }), cases: cases.oneHot },
  maskedFill: {
    forward: ({ x, mask }, { value }) => ({ y: mapElements((v, m) => (m ? Number(value) : v), x, mask) }),
    cases: cases.maskedFill,
  },
  embedding: { forward: ({ x, weight }) => ({ y: embedding(x, weight) }), cases: cases.embedding },
};
