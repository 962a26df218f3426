/** Float64 references of reductions at indices, of indices that name several dims, and of bags of embeddings. */
import { build, forEachIndex, makeArray, normalizeDim, offsetOf, reshape, size, strides } from './ndarray';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

type Reduce = 'sum' | 'mean' | 'prod' | 'amax' | 'amin';

/** The reduction of one list of values. */
function reduced(values: number[], reduce: Reduce): number {
  if (reduce === 'prod') return values.reduce((a, b) => a * b, 1);
  if (reduce === 'amax') return Math.max(...values);
  if (reduce === 'amin') return Math.min(...values);
  const sum = values.reduce((a, b) => a + b, 0);
  return reduce === 'sum' ? sum : sum / values.length;
}

/** y[t] = reduction of all values written to place t, and of x there where it counts. */
function reduceAt(
  x: NdArray,
  writes: readonly { to: number; value: number }[],
  reduce: Reduce,
  includeSelf: boolean,
): NdArray {
  const lists: number[][] = Array.from(x.data, () => []);
  for (const { to, value } of writes) lists[to].push(value);
  return build(x.shape, (_, i) => {
    const own = includeSelf || lists[i].length === 0 ? [x.data[i]] : [];
    return reduced([...own, ...lists[i]], reduce);
  });
}

function scatterReduce(x: NdArray, index: NdArray, src: NdArray, dim: number, ...rest: [Reduce, boolean]) {
  const at = normalizeDim(dim, x.shape.length);
  const [to, from] = [strides(x.shape), strides(src.shape)];
  const writes: { to: number; value: number }[] = [];
  forEachIndex(index.shape, (position, flat) => {
    const target = position.map((i, d) => (d === at ? index.data[flat] : i));
    writes.push({ to: offsetOf(target, to), value: src.data[offsetOf(position, from)] });
  });
  return reduceAt(x, writes, ...rest);
}

function indexReduce(x: NdArray, index: NdArray, source: NdArray, dim: number, ...rest: [Reduce, boolean]) {
  const at = normalizeDim(dim, x.shape.length);
  const writes: { to: number; value: number }[] = [];
  forEachIndex(source.shape, (position, flat) => {
    const target = position.map((i, d) => (d === at ? index.data[i] : i));
    writes.push({ to: offsetOf(target, strides(x.shape)), value: source.data[flat] });
  });
  return reduceAt(x, writes, ...rest);
}

/** Where the slice that a row of index names begins in x; index is [..., k], behind `batchDims` common dims. */
function slicesOf(x: NdArray, index: NdArray, batchDims: number): { starts: number[]; inner: number } {
  const k = index.shape.at(-1)!;
  const stride = strides(x.shape);
  const outer = index.shape.slice(0, -1);
  const starts: number[] = [];
  forEachIndex(outer, (position, row) => {
    let at = offsetOf(position.slice(0, batchDims), stride);
    for (let d = 0; d < k; d++) {
      const value = index.data[row * k + d];
      const dim = batchDims + d;
      at += (value < 0 ? value + x.shape[dim] : value) * stride[dim];
    }
    starts.push(at);
  });
  return { starts, inner: size(x.shape.slice(batchDims + k)) };
}

function gatherNd(x: NdArray, index: NdArray, batchDims: number): NdArray {
  const { starts, inner } = slicesOf(x, index, batchDims);
  const shape = [...index.shape.slice(0, -1), ...x.shape.slice(batchDims + index.shape.at(-1)!)];
  return build(shape, (_, i) => x.data[starts[Math.floor(i / inner)] + (i % inner)]);
}

function scatterNd(x: NdArray, index: NdArray, updates: NdArray, reduction: string): NdArray {
  const { starts, inner } = slicesOf(x, index, 0);
  const writes = Array.from(updates.data, (value, i) => ({
    to: starts[Math.floor(i / inner)] + (i % inner),
    value,
  }));
  if (reduction !== 'none') {
    const reduce = { add: 'sum', mul: 'prod', max: 'amax', min: 'amin' }[reduction] as Reduce;
    return reduceAt(x, writes, reduce, true);
  }
  const y = reshape(x, x.shape);
  for (const { to, value } of writes) y.data[to] = value;
  return y;
}

interface BagAttrs {
  mode?: 'sum' | 'mean' | 'max';
  includeLastOffset?: boolean;
  paddingIdx?: number | null;
  maxNorm?: number | null;
  normType?: number;
}

function embeddingBag(inputs: Record<string, NdArray>, attrs: BagAttrs): NdArray {
  const { x, weight, offsets, perSampleWeights } = inputs;
  const { mode = 'mean', includeLastOffset = false, paddingIdx = null, maxNorm = null, normType = 2 } = attrs;
  const [rows, columns] = weight.shape;
  const padding = paddingIdx === null ? undefined : (paddingIdx + rows) % rows;
  const starts = offsets
    ? Array.from(offsets.data)
    : Array.from({ length: x.shape[0] }, (_, i) => i * x.shape[1]);
  const ends = [...starts.slice(1), x.data.length];
  const bags = includeLastOffset ? starts.length - 1 : starts.length;
  const y = makeArray([bags, columns]);
  for (let b = 0; b < bags; b++) {
    for (let c = 0; c < columns; c++) {
      const values: number[] = [];
      for (let p = starts[b]; p < ends[b]; p++) {
        const row = x.data[p];
        if (row === padding) continue;
        const line = Array.from(weight.data.slice(row * columns, (row + 1) * columns));
        const length = line.reduce((sum, v) => sum + Math.abs(v) ** normType, 0) ** (1 / normType);
        const factor = maxNorm !== null && length > maxNorm ? maxNorm / (length + 1e-7) : 1;
        values.push(factor * line[c] * (perSampleWeights?.data[p] ?? 1));
      }
      const reduce = ({ sum: 'sum', mean: 'mean', max: 'amax' } as const)[mode];
      y.data[b * columns + c] = values.length === 0 ? 0 : reduced(values, reduce);
    }
  }
  return y;
}

const indices = (shape: number[], n: number, low = 0): InputSpec => ({
  shape,
  dtype: 'i32',
  range: [low, n],
});
const exactly = (shape: number[], values: number[]): InputSpec => ({ shape, dtype: 'i32', values });
/** No two values near each other, so that differences do not see extremes change. */
const distinct = (shape: number[]): InputSpec => ({ shape, fill: 'distinct', range: [-2.1873, 2.3391] });

const KINDS: Reduce[] = ['sum', 'prod', 'mean', 'amax', 'amin'];

const scatterReduceCases: OpCase[] = [
  ...KINDS.flatMap((reduce) => [
    {
      attrs: { dim: 0, reduce },
      inputs: { x: distinct([5]), index: indices([11], 5), src: distinct([11]) },
    },
    {
      attrs: { dim: -2, reduce, includeSelf: false },
      inputs: { x: distinct([2, 3, 4]), index: indices([2, 5, 3], 3), src: distinct([3, 5, 4]) },
    },
  ]),
  {
    name: 'one zero, and two of them',
    attrs: { dim: 0, reduce: 'prod' },
    inputs: {
      x: [4],
      index: exactly([7], [0, 0, 1, 1, 1, 2, 0]),
      src: { shape: [7], values: [2, 0, 0, 3, 0, -1.5, 4] },
    },
  },
  {
    name: 'x is zero',
    attrs: { dim: 0, reduce: 'prod' },
    inputs: {
      x: { shape: [3], values: [0, 2, 0] },
      index: exactly([4], [0, 0, 1, 2]),
      src: { shape: [4], values: [2, 3, 4, 0] },
    },
  },
  {
    name: 'equal values share the gradient, which differences do not see',
    attrs: { dim: 0, reduce: 'amax' },
    inputs: {
      x: { shape: [3], values: [1, 2, 3] },
      index: exactly([5], [0, 0, 1, 2, 2]),
      src: { shape: [5], values: [1, 1, 2, 1, 0] },
    },
    gradient: false,
  },
  {
    name: 'NaN and infinite',
    attrs: { dim: 0, reduce: 'amin' },
    inputs: {
      x: { shape: [4], values: [1, 'Infinity', '-Infinity', 'NaN'] },
      index: exactly([6], [0, 0, 1, 2, 0, 3]),
      src: { shape: [6], values: [2, 'NaN', 'Infinity', 5, 0, 1] },
    },
    gradient: false,
  },
  {
    name: 'no indices',
    attrs: { dim: 1, reduce: 'prod', includeSelf: false },
    inputs: { x: [2, 3], index: exactly([2, 0], []), src: [2, 0] },
  },
  {
    name: 'all into one',
    attrs: { dim: 0, reduce: 'amax' },
    inputs: { x: distinct([1, 2]), index: indices([70, 2], 1), src: distinct([70, 2]) },
  },
  {
    name: 'many indices',
    attrs: { dim: 1, reduce: 'mean' },
    inputs: { x: [3, 9, 20], index: indices([2, 150, 20], 9), src: [2, 150, 20] },
  },
];

const indexReduceCases: OpCase[] = [
  ...(['prod', 'mean', 'amax', 'amin'] as const).flatMap((reduce) => [
    {
      attrs: { dim: 0, reduce },
      inputs: { x: distinct([4, 3]), index: indices([7], 4), source: distinct([7, 3]) },
    },
    {
      attrs: { dim: -1, reduce, includeSelf: false },
      inputs: { x: distinct([2, 2, 5]), index: indices([6], 5), source: distinct([2, 2, 6]) },
    },
  ]),
  { attrs: { dim: 0, reduce: 'prod' }, inputs: { x: [1], index: indices([1], 1), source: [1] } },
];

const scatterNdCases: OpCase[] = [
  { inputs: { x: [5], index: exactly([3, 1], [4, 0, -3]), updates: [3] } },
  { inputs: { x: [3, 4], index: exactly([2, 2], [0, 1, 2, -1]), updates: [2] } },
  { inputs: { x: [3, 4, 2], index: exactly([2, 1, 1], [2, 0]), updates: [2, 1, 4, 2] } },
  ...['add', 'mul', 'max', 'min'].map((reduction) => ({
    attrs: { reduction },
    inputs: { x: distinct([3, 4, 5]), index: indices([13, 2], 3, -3), updates: distinct([13, 5]) },
  })),
  { name: 'no indices', inputs: { x: [3, 2], index: exactly([0, 1], []), updates: [0, 2] } },
];

/** Starts of bags of which one is empty. */
const starts = exactly([4], [0, 3, 3, 7]);

const embeddingBagCases: OpCase[] = [
  ...(['sum', 'mean', 'max'] as const).flatMap((mode): OpCase[] => [
    { attrs: { mode }, inputs: { x: indices([3, 4], 7), weight: distinct([7, 3]) } },
    { attrs: { mode }, inputs: { x: indices([11], 7), weight: distinct([7, 5]), offsets: starts } },
    {
      name: 'padding, where differences do not see that its row has no gradient',
      attrs: { mode, paddingIdx: -1 },
      inputs: {
        x: exactly([9], [0, 2, 1, 2, 2, 0, 2, 1, 1]),
        weight: distinct([3, 2]),
        offsets: exactly([3], [0, 3, 5]),
      },
      gradient: false,
    },
    {
      attrs: { mode, includeLastOffset: true },
      inputs: { x: indices([8], 5), weight: distinct([5, 4]), offsets: exactly([4], [0, 2, 2, 8]) },
    },
  ]),
  {
    attrs: { mode: 'sum' },
    inputs: { x: indices([3, 4], 7), weight: [7, 3], perSampleWeights: [3, 4] },
  },
  {
    attrs: { mode: 'sum' },
    inputs: { x: indices([11], 7), weight: [7, 3], offsets: starts, perSampleWeights: [11] },
  },
  {
    name: 'shortened rows, whose scaling PyTorch does not differentiate',
    attrs: { maxNorm: 1, normType: 1 },
    inputs: { x: indices([3, 4], 7), weight: [7, 3] },
    gradient: false,
  },
  { name: 'one position', inputs: { x: indices([1, 1], 1), weight: [1, 1] } },
  {
    name: 'many positions',
    attrs: { mode: 'max' },
    inputs: { x: indices([7, 90], 50), weight: distinct([50, 8]) },
  },
];

/** The references of these ops by canonical name. */
export const references: Record<string, Reference> = {
  scatterReduce: {
    forward: ({ x, index, src }, { dim, reduce, includeSelf = true }) => ({
      y: scatterReduce(x, index, src, dim, reduce, includeSelf),
    }),
    cases: scatterReduceCases,
  },
  indexReduce: {
    forward: ({ x, index, source }, { dim, reduce, includeSelf = true }) => ({
      y: indexReduce(x, index, source, dim, reduce, includeSelf),
    }),
    cases: indexReduceCases,
  },
  gatherNd: {
    forward: ({ x, index }, { batchDims = 0 }) => ({ y: gatherNd(x, index, batchDims) }),
    cases: [
      { inputs: { x: [5], index: indices([3, 1], 5, -5) } },
      { inputs: { x: [3, 4], index: indices([2, 5, 2], 3, -3) } },
      { inputs: { x: [3, 4, 2], index: indices([7, 1], 3) } },
      { inputs: { x: [3, 4, 2], index: exactly([2], [2, -1]) } },
      { attrs: { batchDims: 1 }, inputs: { x: [3, 4, 2], index: indices([3, 1], 4) } },
      { attrs: { batchDims: 2 }, inputs: { x: [2, 3, 4, 2], index: indices([2, 3, 5, 2], 2, -2) } },
      { name: 'no indices', inputs: { x: [2, 3], index: exactly([0, 2], []) } },
    ],
  },
  scatterNd: {
    forward: ({ x, index, updates }, { reduction = 'none' }) => ({
      y: scatterNd(x, index, updates, reduction),
    }),
    cases: scatterNdCases,
  },
  embeddingBag: {
    forward: (inputs, attrs) => ({ y: embeddingBag(inputs, attrs) }),
    cases: embeddingBagCases,
  },
};
