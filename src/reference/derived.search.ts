/** Float64 references of searches in sorted sequences, of products of all elements, and of quantization. */
import { build, makeArray, normalizeDim, offsetOf, reshape, strides } from './ndarray';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

/** How many of the values are below (with right, not above) the given one; NaN is above all. */
function placeIn(sorted: ArrayLike<number>, value: number, right: boolean): number {
  if (Number.isNaN(value)) return sorted.length;
  return Array.from(sorted).filter((other) => other < value || (right && other === value)).length;
}

function searchsorted(sorted: NdArray, x: NdArray, right: boolean): NdArray {
  const length = sorted.shape.at(-1)!;
  const perRow = x.shape.at(-1) ?? 1;
  return build(x.shape, (_, i) => {
    const row = sorted.shape.length === 1 ? 0 : Math.floor(i / perRow);
    return placeIn(sorted.data.subarray(row * length, (row + 1) * length), x.data[i], right);
  });
}

const ofRank = (x: NdArray, rank: number) =>
  reshape(x, [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape]);

function kron(x: NdArray, other: NdArray): NdArray {
  const rank = Math.max(x.shape.length, other.shape.length);
  const [a, b] = [ofRank(x, rank), ofRank(other, rank)];
  return build(
    a.shape.map((n, d) => n * b.shape[d]),
    (index) => {
      const [left, right] = [
        index.map((i, d) => Math.floor(i / b.shape[d])),
        index.map((i, d) => i % b.shape[d]),
      ];
      return a.data[offsetOf(left, strides(a.shape))] * b.data[offsetOf(right, strides(b.shape))];
    },
  );
}

function cartesianProd(tensors: NdArray[]): NdArray {
  if (tensors.length === 1) return tensors[0];
  let rows: number[][] = [[]];
  for (const { data } of tensors) rows = rows.flatMap((row) => Array.from(data, (value) => [...row, value]));
  return { shape: [rows.length, tensors.length], data: Float64Array.from(rows.flat()) };
}

function blockDiag(tensors: NdArray[]): NdArray {
  const matrices = tensors.map((x) => ofRank(x, 2));
  const total = (d: number) => matrices.reduce((sum, { shape }) => sum + shape[d], 0);
  const y = makeArray([total(0), total(1)]);
  let [row, column] = [0, 0];
  for (const { shape, data } of matrices) {
    data.forEach((value, i) => {
      const at = (row + Math.floor(i / shape[1])) * y.shape[1] + column + (i % shape[1]);
      y.data[at] = value;
    });
    row += shape[0];
    column += shape[1];
  }
  return y;
}

/** All choices of r of n positions, in order. */
function choices(n: number, r: number, again: boolean): number[][] {
  let found: number[][] = [[]];
  for (let k = 0; k < r; k++) {
    found = found.flatMap((row) => {
      const first = row.length === 0 ? 0 : row[k - 1] + (again ? 0 : 1);
      return Array.from({ length: Math.max(0, n - first) }, (_, i) => [...row, first + i]);
    });
  }
  return found;
}

/** The arrays with the given shapes next to each other along `dim`. */
function joined(parts: NdArray[], dim: number): NdArray {
  const total = parts.reduce((sum, { shape }) => sum + shape[dim], 0);
  return build(
    parts[0].shape.map((n, d) => (d === dim ? total : n)),
    (index) => {
      const at = [...index];
      let part = 0;
      while (at[dim] >= parts[part].shape[dim]) at[dim] -= parts[part++].shape[dim];
      return parts[part].data[offsetOf(at, strides(parts[part].shape))];
    },
  );
}

/** Half to even. */
function roundEven(x: number): number {
  const low = Math.floor(x);
  return x - low === 0.5 ? 2 * Math.round(low / 2) : Math.round(x);
}

/** Of each element of x the whole number before it is limited, and scale and zero point. */
function onGrid(x: NdArray, scale: NdArray, zeroPoint: NdArray, axis: number | null) {
  const at = axis === null ? 0 : normalizeDim(axis, x.shape.length);
  const result: { q: number; s: number; z: number }[] = [];
  build(x.shape, (index, i) => {
    const channel = axis === null ? 0 : index[at];
    const [s, z] = [scale.data[channel], zeroPoint.data[channel]];
    result.push({ q: roundEven(x.data[i] * (1 / s)) + z, s, z });
    return 0;
  });
  return result;
}

const limit = (q: number, { quantMin = -128, quantMax = 127 }: any) =>
  Math.min(Math.max(q, quantMin), quantMax);

const of = (inputs: OpCase['inputs'], attrs?: Record<string, unknown>, name?: string): OpCase => ({
  ...(name && { name }),
  inputs,
  attrs,
});
const sorted = (...values: (number | string)[]): InputSpec => ({ shape: [values.length], values });
const exactly = (shape: number[], values: number[]): InputSpec => ({ shape, dtype: 'i32', values });
const constant = (shape: number[], values: number[]): InputSpec => ({ shape, values, differentiable: false });
const withoutGradient = (cases: OpCase[]) => cases.map((c) => ({ ...c, gradient: false }));

const edges = sorted(-1, -0.5, 0, 0, 0.7, 2);
const values: InputSpec = { shape: [2, 4], values: [0, -3, 0.7, 0.6, 2, 9, 'NaN', -0.5] };

/** The same scale for all, or one per channel. */
const quantizationCases: OpCase[] = [
  of({ x: [3, 5], scale: constant([], [0.1]), zeroPoint: exactly([], [3]) }),
  of(
    { x: [2, 7], scale: constant([1], [0.02]), zeroPoint: exactly([1], [-10]) },
    { quantMin: -8, quantMax: 7 },
    'limits',
  ),
  of(
    { x: [3, 4], scale: constant([3], [0.05, 0.5, 0.011]), zeroPoint: exactly([3], [0, 5, -7]) },
    { axis: 0 },
  ),
  of(
    { x: [2, 3, 2], scale: constant([3], [0.05, 0.5, 0.01]), zeroPoint: exactly([3], [128, 100, 90]) },
    { axis: -2, quantMin: 0, quantMax: 255 },
  ),
];

/** The references of these ops by canonical name. */
export const references: Record<string, Reference> = {
  searchsorted: {
    forward: ({ sortedSequence, x }, { right = false }) => ({ y: searchsorted(sortedSequence, x, right) }),
    cases: withoutGradient([
      of({ sortedSequence: edges, x: values }),
      of({ sortedSequence: edges, x: values }, { right: true }),
      of({
        sortedSequence: { shape: [2, 3], values: [1, 2, 3, -1, -1, 4] },
        x: { shape: [2, 4], values: [0, 1, 2.5, 7, -1, -2, 4, 5] },
      }),
      of({ sortedSequence: edges, x: { shape: [], values: [0] } }),
      of({ sortedSequence: sorted(1), x: [3, 67] }),
      of({ sortedSequence: { shape: [0], values: [] }, x: [3] }, undefined, 'no boundaries'),
    ]),
  },
  bucketize: {
    forward: ({ x, boundaries }, { right = false }) => ({ y: searchsorted(boundaries, x, right) }),
    cases: withoutGradient([
      of({ x: values, boundaries: edges }),
      of({ x: values, boundaries: edges }, { right: true }),
      of({ x: [5, 70], boundaries: sorted(-2, -1, -0.3, 0.2, 1.4) }),
      of({ x: [], boundaries: sorted(0, 1) }),
    ]),
  },
  kron: {
    forward: ({ x, other }) => ({ y: kron(x, other) }),
    cases: [
      of({ x: [2, 3], other: [3, 2] }),
      of({ x: [4], other: [3] }),
      of({ x: [3], other: [2, 1, 2] }),
      of({ x: [], other: [2, 2] }),
      of({ x: [2, 1, 2], other: [3, 2] }),
    ],
  },
  cartesianProd: {
    forward: ({ tensors }) => ({ y: cartesianProd(tensors) }),
    cases: [of({ tensors: [[2], [3], [2]] }), of({ tensors: [[4]] }), of({ tensors: [[1], [5]] })],
  },
  combinations: {
    forward: ({ x }, { r = 2, withReplacement = false }) => {
      const rows = choices(x.data.length, r, withReplacement);
      const data = Float64Array.from(rows.flat(), (i) => x.data[i]);
      return { y: { shape: [rows.length, r], data } };
    },
    cases: [
      of({ x: [4] }),
      of({ x: [4] }, { r: 3 }),
      of({ x: [3] }, { r: 2, withReplacement: true }),
      of({ x: [2] }, { r: 3 }, 'too few elements'),
    ],
  },
  blockDiag: {
    forward: ({ tensors }) => ({ y: blockDiag(tensors) }),
    cases: [
      of({
        tensors: [
          [2, 3],
          [1, 2],
        ],
      }),
      of({ tensors: [[3], [2, 1], [1]] }),
      of({ tensors: [[2, 2]] }),
    ],
  },
  columnStack: {
    forward: ({ tensors }) => {
      const columns = (x: NdArray) => (x.shape.length < 2 ? reshape(x, [x.data.length, 1]) : x);
      return { y: joined((tensors as NdArray[]).map(columns), 1) };
    },
    cases: [of({ tensors: [[3], [3, 2], [3]] }), of({ tensors: [[4], [4]] })],
  },
  dstack: {
    forward: ({ tensors }) => {
      const deep = (x: NdArray) => {
        if (x.shape.length < 2) return reshape(x, [1, x.data.length, 1]);
        return x.shape.length === 2 ? reshape(x, [...x.shape, 1]) : x;
      };
      return { y: joined((tensors as NdArray[]).map(deep), 2) };
    },
    cases: [
      of({ tensors: [[3], [3]] }),
      of({
        tensors: [
          [2, 3],
          [2, 3, 4],
        ],
      }),
    ],
  },
  quantize: {
    forward: ({ x, scale, zeroPoint }, attrs) => {
      const grid = onGrid(x, scale, zeroPoint, attrs.axis ?? null);
      return { y: build(x.shape, (_, i) => limit(grid[i].q, attrs)) };
    },
    cases: withoutGradient(quantizationCases),
  },
  dequantize: {
    forward: ({ x, scale, zeroPoint }, { axis = null }) => {
      const grid = onGrid(x, scale, zeroPoint, axis);
      return { y: build(x.shape, (_, i) => (x.data[i] - grid[i].z) * grid[i].s) };
    },
    cases: [
      of({
        x: exactly([2, 2], [5, -128, 127, 0]),
        scale: { shape: [], values: [0.3] },
        zeroPoint: exactly([], [3]),
      }),
      of(
        {
          x: { shape: [2, 3, 2], dtype: 'i32', range: [-9, 9] },
          scale: [3],
          zeroPoint: exactly([3], [0, 5, -7]),
        },
        { axis: 1 },
      ),
    ],
  },
  fakeQuantize: {
    forward: ({ x, scale, zeroPoint }, attrs) => {
      const grid = onGrid(x, scale, zeroPoint, attrs.axis ?? null);
      return { y: build(x.shape, (_, i) => (limit(grid[i].q, attrs) - grid[i].z) * grid[i].s) };
    },
    // Differences see steps where the gradient goes straight through.
    cases: withoutGradient([
      ...quantizationCases,
      of(
        {
          x: { shape: [4], values: ['NaN', 'Infinity', '-Infinity', 0.25] },
          scale: constant([], [0.5]),
          zeroPoint: exactly([], [0]),
        },
        undefined,
        'special values, and half to even',
      ),
    ]),
  },
};
