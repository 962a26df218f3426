/** Float64 references of the ops that the library writes with others: elementwise functions and statistics. */

import { unaryCases, withoutGradient } from './cases';
import { stacked } from './derived.layout';
import {
  forEachIndex,
  makeArray,
  mapElements,
  normalizeDim,
  offsetOf,
  reduceDims,
  reshape,
  strides,
} from './ndarray';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

/** Cases of tensors by name. */
const given = (inputs: OpCase['inputs'], attrs?: Record<string, unknown>): OpCase => ({ inputs, attrs });
/** Cases of x alone. */
const ofX = (x: InputSpec, attrs?: Record<string, unknown>) => given({ x }, attrs);
const within = (low: number, high: number, shape: number[]): InputSpec => ({
  shape,
  fill: 'uniform',
  range: [low, high],
});
const distinct = (shape: number[]): InputSpec => ({ shape, fill: 'distinct', range: [-2, 3] });
const special = (...values: (number | string)[]): OpCase => ({
  name: 'special values',
  inputs: { x: { shape: [values.length], values } },
  gradient: false,
});

/** A reference of one tensor, element by element. */
const unary = (f: (x: number, attrs: any) => number, cases: OpCase[]): Reference => ({
  forward: ({ x }, attrs) => ({ y: mapElements((v) => f(v, attrs), x) }),
  cases,
});

/** A reference of tensors that broadcast, by their names. */
const broadcast = (
  names: string[],
  f: (values: number[], attrs: any) => number,
  cases: OpCase[],
): Reference => ({
  forward: (inputs, attrs) => ({
    y: mapElements((...values) => f(values, attrs), ...names.map((name) => inputs[name])),
  }),
  cases,
});

const pairs = (cases: [number[], number[]][], other?: (shape: number[]) => InputSpec): OpCase[] =>
  cases.map(([x, b]) => given({ x, other: other ? other(b) : b }));

const sorted = (lane: Float64Array) =>
  Array.from(lane, (_, i) => i).sort((i, j) => (lane[i] > lane[j] ? 1 : lane[i] < lane[j] ? -1 : i - j));

/** A value of the sorted lane by its place, and where it was. */
function placed(x: NdArray, dim: number | null, keepdim: boolean, place: (n: number) => number) {
  const at = (lane: Float64Array) => sorted(lane)[place(lane.length)];
  return {
    values: reduceDims(x, dim, keepdim, (lane) => (lane.some(Number.isNaN) ? Number.NaN : lane[at(lane)])),
    indices: reduceDims(x, dim, keepdim, at),
  };
}

function quantile(
  x: NdArray,
  q: number,
  { dim = null, keepdim = false, interpolation = 'linear' }: any,
): NdArray {
  return reduceDims(x, dim, keepdim, (lane) => {
    if (lane.some(Number.isNaN)) return Number.NaN;
    const values = sorted(lane).map((i) => lane[i]);
    const position = q * (lane.length - 1);
    const [low, high] = [Math.floor(position), Math.ceil(position)];
    if (interpolation === 'lower') return values[low];
    if (interpolation === 'higher') return values[high];
    if (interpolation === 'midpoint') return (values[low] + values[high]) / 2;
    if (interpolation === 'nearest') {
      const half = Math.abs(position % 1) === 0.5;
      return values[half ? 2 * Math.round(position / 2) : Math.round(position)];
    }
    return values[low] + (position - low) * (values[high] - values[low]);
  });
}

const sumOf = (lane: ArrayLike<number>) => Array.from(lane).reduce((a, b) => a + b, 0);
const numbers = (lane: Float64Array) => lane.filter((v) => !Number.isNaN(v));

function varianceOf(lane: Float64Array, { correction = 1, unbiased }: any): number {
  const mean = sumOf(lane) / lane.length;
  return sumOf(lane.map((v) => (v - mean) ** 2)) / Math.max(0, lane.length - Number(unbiased ?? correction));
}

const moments = (name: 'var' | 'std'): Reference => ({
  forward({ x }, attrs) {
    const { dim = null, keepdim = false } = attrs;
    const finish = name === 'std' ? Math.sqrt : (v: number) => v;
    const spread = reduceDims(x, dim, keepdim, (lane) => finish(varianceOf(lane, attrs)));
    const mean = reduceDims(x, dim, keepdim, (lane) => sumOf(lane) / lane.length);
    return { [name]: spread, mean } as Record<string, NdArray>;
  },
  cases: [ofX([5]), ofX([3, 7], { dim: -1, keepdim: true, correction: 0 })],
});

const ORDERS = [distinct([7]), distinct([3, 5])];

/** The references of this family. */
export const references: Record<string, Reference> = {
  log10: unary(Math.log10, [ofX(within(0.1, 4, [5, 13])), special(0, -1, 'NaN', 'Infinity', 1000, 1e-30)]),
  exp2: unary((x) => 2 ** x, [ofX([5, 13]), special(0, '-0', 'NaN', 'Infinity', '-Infinity', 10, -20)]),
  frac: unary((x) => x - Math.trunc(x), unaryCases({ fill: 'uniform', range: [0.1, 0.9] }).slice(0, 2)),
  atanh: unary(Math.atanh, [ofX(within(-0.9, 0.9, [5, 13])), special(1, -1, 2, 0, 1e-4)]),
  isfinite: unary(
    (x) => Number(Number.isFinite(x)),
    [special(0, 1, 'NaN', 'Infinity', '-Infinity', 3e38), { ...ofX([5]), gradient: false }],
  ),
  logit: unary(
    (x, { eps }) => Math.log(limited(x, eps) / (1 - limited(x, eps))),
    [ofX(within(0.05, 0.95, [5, 13])), ofX(within(0.05, 0.95, [7]), { eps: 0.3 }), special(0, 1, 0.5)],
  ),
  nanToNum: unary(
    (x, { nan = 0, posinf = 3.4028234663852886e38, neginf = -3.4028234663852886e38 }) =>
      Number.isNaN(x)
        ? nan
        : x === Number.POSITIVE_INFINITY
          ? posinf
          : x === Number.NEGATIVE_INFINITY
            ? neginf
            : x,
    [
      ofX([5, 3]),
      { ...special('NaN', 'Infinity', '-Infinity', -2), attrs: { nan: 2.5, posinf: 7, neginf: -8 } },
    ],
  ),
  hypot: broadcast(
    ['x', 'other'],
    ([a, b]) => Math.hypot(a, b),
    pairs([
      [[5, 3], [3]],
      [[], [2]],
    ]),
  ),
  logaddexp: broadcast(
    ['x', 'other'],
    ([a, b]) => (a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))),
    [
      ...pairs([
        [[5, 3], [3]],
        [
          [4, 1],
          [1, 5],
        ],
      ]),
      {
        name: 'special values',
        inputs: {
          x: { shape: [4], values: ['Infinity', '-Infinity', 1e4, 2] },
          other: { shape: [4], values: ['Infinity', '-Infinity', -1e4, 'NaN'] },
        },
        gradient: false,
      },
    ],
  ),
  floorDivide: broadcast(
    ['x', 'other'],
    ([a, b]) => Math.floor(a / b),
    withoutGradient(pairs([[[5, 3], [3]]], (shape) => ({ shape, fill: 'awayFromZero' }))),
  ),
  lerp: broadcast(['x', 'end', 'weight'], ([a, b, w]) => a + w * (b - a), [
    given({ x: [5, 3], end: [5, 3], weight: [] }),
    given({ x: [4, 1], end: [3], weight: [4, 3] }),
  ]),
  addcmul: broadcast(['x', 'tensor1', 'tensor2'], ([x, a, b], { value = 1 }) => x + value * a * b, [
    given({ x: [5, 3], tensor1: [5, 3], tensor2: [3] }),
    given({ x: [3], tensor1: [4, 1], tensor2: [] }, { value: -0.5 }),
  ]),
  addcdiv: broadcast(['x', 'tensor1', 'tensor2'], ([x, a, b], { value = 1 }) => x + (value * a) / b, [
    given({ x: [5, 3], tensor1: [5, 3], tensor2: { shape: [3], fill: 'awayFromZero' } }),
    given({ x: [3], tensor1: [4, 1], tensor2: { shape: [], fill: 'awayFromZero' } }, { value: -0.5 }),
  ]),
  argsort: {
    forward: ({ x }, { dim = -1, descending = false }) => ({ y: argsort(x, dim, descending) }),
    cases: withoutGradient([ofX(ORDERS[0]), ofX(ORDERS[1], { dim: 0, descending: true })]),
  },
  kthvalue: {
    forward: ({ x }, { k, dim = -1, keepdim = false }) => placed(x, dim, keepdim, () => k - 1),
    cases: [ofX(ORDERS[0], { k: 3 }), ofX(ORDERS[1], { k: 2, dim: 0, keepdim: true })],
  },
  median: {
    forward({ x }, { dim = null, keepdim = false }): Record<string, NdArray> {
      const { values, indices } = placed(x, dim, keepdim, (n) => Math.floor((n - 1) / 2));
      return dim === null ? { y: values } : { values, indices };
    },
    cases: [ofX(distinct([2, 3])), ofX(distinct([4, 6]), { dim: -1 }), special(1, 'NaN', 3)],
  },
  quantile: {
    forward({ x }, { q, ...attrs }) {
      if (typeof q === 'number') return { y: quantile(x, q, attrs) };
      const parts = (q as number[]).map((share) => quantile(x, share, attrs));
      return {
        y: stacked(
          parts.map((y) => reshape(y, [1, ...y.shape])),
          true,
        ),
      };
    },
    cases: [
      ofX(distinct([7]), { q: 0.3 }),
      ofX(distinct([3, 5]), { q: [0.1, 0.5, 1], dim: 1 }),
      ofX(distinct([4, 2]), { q: 0.4, dim: 0, keepdim: true, interpolation: 'nearest' }),
      ofX(distinct([4]), { q: 0.4, interpolation: 'midpoint' }),
    ],
  },
  countNonzero: {
    forward: ({ x }, { dim = null }) => ({
      y: reduceDims(x, dim, false, (lane) => lane.filter((v) => v !== 0).length),
    }),
    cases: withoutGradient([
      ofX({ shape: [4, 5], fill: 'integer', range: [-1, 2] }),
      ofX({ shape: [4, 5], fill: 'integer', range: [-1, 2] }, { dim: 1 }),
    ]),
  },
  nansum: {
    forward: ({ x }, { dim = null, keepdim = false }) => ({
      y: reduceDims(x, dim, keepdim, (lane) => sumOf(numbers(lane))),
    }),
    cases: [ofX(within(0, 1, [4, 5]), { dim: 0, keepdim: true }), special(1, 'NaN', 3)],
  },
  nanmean: {
    forward: ({ x }, { dim = null, keepdim = false }) => ({
      y: reduceDims(x, dim, keepdim, (lane) => sumOf(numbers(lane)) / numbers(lane).length),
    }),
    cases: [ofX(within(0, 1, [4, 5]), { dim: [0, 1] }), special(1, 'NaN', 3)],
  },
  varMean: moments('var'),
  stdMean: moments('std'),
};

/** x limited to [eps, 1 - eps]. */
function limited(x: number, eps?: number | null): number {
  return eps === undefined || eps === null ? x : Math.min(Math.max(x, eps), 1 - eps);
}

/** Positions along `dim` in the order of the values, of which no two are equal. */
function argsort(x: NdArray, dim: number, descending: boolean): NdArray {
  const at = normalizeDim(dim, x.shape.length);
  const stride = strides(x.shape);
  const y = makeArray(x.shape);
  forEachIndex(x.shape, (index, flat) => {
    let rank = 0;
    for (let i = 0; i < x.shape[at]; i++) {
      const other =
        x.data[
          offsetOf(
            index.map((v, d) => (d === at ? i : v)),
            stride,
          )
        ];
      if (descending ? other > x.data[flat] : other < x.data[flat]) rank++;
    }
    y.data[
      offsetOf(
        index.map((v, d) => (d === at ? rank : v)),
        stride,
      )
    ] = index[at];
  });
  return y;
}
