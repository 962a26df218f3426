/** Random cases of reductions at indices, of indices that name several dims, and of bags of embeddings. */
import fc from 'fast-check';
import type { InputSpec, OpCase } from '../types';
import {
  type Arbitraries,
  anyDim,
  casesOf,
  count,
  dimOf,
  distinct,
  indexOf,
  indices,
  oneOf,
  shapes,
  size,
} from './common';

const sized = shapes({ min: 1, max: 4, most: 120 });

const scatterReduce = casesOf(
  {
    shape: sized,
    dim: anyDim,
    length: size(30),
    spare: fc.nat(2),
    reduce: oneOf('sum', 'prod', 'mean', 'amax', 'amin'),
    includeSelf: fc.boolean(),
  },
  ({ shape, dim, length, spare, reduce, includeSelf }): OpCase => {
    const axis = indexOf(dim, shape.length);
    const index = shape.map((n, d) => (d === axis ? length : Math.max(1, n - spare)));
    return {
      attrs: { dim: dimOf(dim, shape.length), reduce, includeSelf },
      inputs: {
        x: distinct(shape),
        index: indices(shape[axis], index),
        src: distinct(index.map((n) => n + spare)),
      },
    };
  },
);

const indexReduce = casesOf(
  {
    shape: sized,
    dim: anyDim,
    length: size(20),
    reduce: oneOf('prod', 'mean', 'amax', 'amin'),
    includeSelf: fc.boolean(),
  },
  ({ shape, dim, length, reduce, includeSelf }): OpCase => {
    const axis = indexOf(dim, shape.length);
    return {
      attrs: { dim: dimOf(dim, shape.length), reduce, includeSelf },
      inputs: {
        x: distinct(shape),
        index: indices(shape[axis], [length]),
        source: distinct(shape.map((n, d) => (d === axis ? length : n))),
      },
    };
  },
);

/** Indices of `rank` numbers, each of which any of these dims has. */
const manyIndices = (sizes: readonly number[], shape: number[]): InputSpec => {
  const least = Math.min(...sizes);
  return { shape: [...shape, sizes.length], dtype: 'i32', range: [-least, least] };
};

const gatherNd = casesOf(
  {
    shape: shapes({ min: 1, max: 5, most: 120 }),
    rank: count(3),
    outer: shapes({ max: 2, most: 30 }),
    batch: fc.nat(2),
  },
  ({ shape, rank, outer, batch }): OpCase => {
    const batchDims = Math.min(batch, shape.length - 1);
    const sizes = shape.slice(batchDims, batchDims + rank);
    const index = manyIndices(sizes, [...shape.slice(0, batchDims), ...outer]);
    return { attrs: { batchDims }, inputs: { x: shape, index } };
  },
);

const scatterNd = casesOf(
  {
    shape: shapes({ min: 1, max: 4, most: 120 }),
    rank: count(3),
    outer: shapes({ max: 2, most: 30 }),
    reduction: oneOf('add', 'mul', 'max', 'min'),
  },
  ({ shape, rank, outer, reduction }): OpCase => {
    const sizes = shape.slice(0, rank);
    const updates = distinct([...outer, ...shape.slice(rank)]);
    return {
      attrs: { reduction },
      inputs: { x: distinct(shape), index: manyIndices(sizes, outer), updates },
    };
  },
);

const embeddingBag = casesOf(
  {
    lengths: fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }),
    rows: size(40),
    width: size(20),
    mode: oneOf('sum', 'mean', 'max'),
    includeLastOffset: fc.boolean(),
    weighted: fc.boolean(),
    padded: fc.boolean(),
  },
  ({ lengths, rows, width, mode, includeLastOffset, weighted, padded }): OpCase => {
    const n = lengths.reduce((a, b) => a + b, 0);
    const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
    const values = includeLastOffset ? [...starts, n] : starts;
    return {
      // Differences do not see that the row paddingIdx has no gradient: it is one that no index names.
      attrs: { mode, includeLastOffset, paddingIdx: padded ? -1 : null },
      inputs: {
        x: indices(rows, [n]),
        weight: distinct([rows + 1, width]),
        offsets: { shape: [values.length], dtype: 'i32', values },
        ...(weighted && mode === 'sum' && { perSampleWeights: [n] }),
      },
    };
  },
);

/** Random cases of this family. */
export const indexingReduce: Arbitraries = { scatterReduce, indexReduce, gatherNd, scatterNd, embeddingBag };
