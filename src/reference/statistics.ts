/** Float64 references of statistics, counts and integrals. Semantics: those of the functions of torch with these names. */

import { withoutGradient } from './cases';
import { build, mapLanes, normalizeDim, reduceDims } from './ndarray';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

const of = (inputs: OpCase['inputs'], attrs?: Record<string, unknown>): OpCase => ({ inputs, attrs });
const ofX = (x: InputSpec, attrs?: Record<string, unknown>): OpCase => of({ x }, attrs);
const distinct = (...shape: number[]): InputSpec => ({ shape, fill: 'distinct', range: [-2.13, 3.07] });
const whole = (low: number, high: number, ...shape: number[]): InputSpec => ({
  shape,
  fill: 'integer',
  range: [low, high],
  differentiable: false,
});
const values = (...list: (number | string)[]): InputSpec => ({ shape: [list.length], values: list });
const sumOf = (list: ArrayLike<number>): number => Array.from(list).reduce((a, b) => a + b, 0);

/** Positions in ascending order, NaN last; equal values keep their order. */
const order = (lane: ArrayLike<number>): number[] =>
  Array.from(lane, (_, i) => i).sort((i, j) => {
    const [a, b] = [lane[i], lane[j]];
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || i - j;
    return a - b || i - j;
  });

/** The position of the last of the values that come most often, of the smallest such value. */
function modeOf(lane: Float64Array): number {
  const sorted = order(lane);
  let [best, most, run] = [0, 0, 0];
  sorted.forEach((at, i) => {
    run++;
    if (i + 1 < sorted.length && lane[sorted[i + 1]] === lane[at]) return;
    if (run > most) [best, most] = [at, run];
    run = 0;
  });
  return best;
}

/** The position of the lower middle one of the values that are numbers. */
function middleOf(lane: Float64Array): number {
  const count = lane.filter((value) => !Number.isNaN(value)).length;
  return order(lane)[Math.max(0, Math.floor((count - 1) / 2))];
}

function nanquantile(lane: Float64Array, q: number, interpolation: string): number {
  const sorted = Array.from(lane.filter((value) => !Number.isNaN(value))).sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const position = q * (sorted.length - 1);
  const [low, high] = [Math.floor(position), Math.ceil(position)];
  if (interpolation === 'lower') return sorted[low];
  if (interpolation === 'higher') return sorted[high];
  if (interpolation === 'midpoint') return (sorted[low] + sorted[high]) / 2;
  if (interpolation === 'nearest') {
    const half = position - low === 0.5;
    return sorted[half ? 2 * Math.round(position / 2) : Math.round(position)];
  }
  return sorted[low] + (sorted[high] - sorted[low]) * (position - low);
}

function covariance(x: NdArray, correction: number, fweights?: NdArray, aweights?: NdArray): NdArray {
  const n = x.shape.at(-1) ?? 1;
  const variables = x.shape.length === 2 ? x.shape[0] : 1;
  const frequency = fweights?.data ?? new Float64Array(n).fill(1);
  const importance = aweights?.data ?? new Float64Array(n).fill(1);
  const weights = Array.from(frequency, (f, i) => f * importance[i]);
  const total = sumOf(weights);
  const row = (v: number) => Array.from(x.data.subarray(v * n, (v + 1) * n));
  const centered = Array.from({ length: variables }, (_, v) => {
    const mean = sumOf(row(v).map((value, i) => value * weights[i])) / total;
    return row(v).map((value) => value - mean);
  });
  const lost = aweights ? (correction * sumOf(weights.map((w, i) => w * importance[i]))) / total : correction;
  const divisor = Math.max(0, total - lost);
  return build(
    variables === 1 ? [] : [variables, variables],
    ([a = 0, b = 0]) => sumOf(centered[a].map((value, i) => value * centered[b][i] * weights[i])) / divisor,
  );
}

function areas(y: NdArray, x: NdArray | undefined, dx: number, dim: number): NdArray {
  const n = y.shape[normalizeDim(dim, y.shape.length)];
  // A vector of places serves every line; places of the shape of y go line by line.
  const lines: number[][] = [];
  if (x) {
    mapLanes(x, x.shape.length === 1 ? 0 : dim, (lane) => {
      lines.push(Array.from(lane));
      return lane;
    });
  }
  let line = 0;
  return mapLanes(y, dim, (lane) => {
    const at = lines[line++ % Math.max(1, lines.length)];
    return Array.from(
      { length: n - 1 },
      (_, i) => ((lane[i] + lane[i + 1]) / 2) * (at ? at[i + 1] - at[i] : dx),
    );
  });
}

function histc(x: NdArray, bins: number, min: number, max: number): NdArray {
  let [low, high] = min === max ? [Math.min(...x.data), Math.max(...x.data)] : [min, max];
  if (low === high) [low, high] = [low - 1, high + 1];
  const y = new Float64Array(bins);
  for (const value of x.data) {
    if (!(value >= low && value <= high)) continue;
    y[Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))]++;
  }
  return { shape: [bins], data: y };
}

function renorm(x: NdArray, p: number, dim: number, maxnorm: number): NdArray {
  const at = normalizeDim(dim, x.shape.length);
  const others = x.shape.flatMap((_, d) => (d === at ? [] : [d]));
  const norms = reduceDims(x, others, false, (lane) =>
    p === Number.POSITIVE_INFINITY
      ? Math.max(...lane.map(Math.abs))
      : sumOf(lane.map((value) => Math.abs(value) ** p)) ** (1 / p),
  );
  return build(x.shape, (index, i) => {
    const length = norms.data[index[at]];
    return x.data[i] * (length > maxnorm ? maxnorm / (length + 1e-7) : 1);
  });
}

/** The references of this family. */
export const references: Record<string, Reference> = {
  msort: {
    forward: ({ x }) => ({
      y: x.shape.length === 0 ? x : mapLanes(x, 0, (lane) => order(lane).map((i) => lane[i])),
    }),
    cases: [
      ofX(distinct(7)),
      ofX(distinct(5, 3)),
      { ...ofX(values('NaN', 2, '-Infinity', 1)), name: 'NaN last', gradient: false },
    ],
  },
  mode: {
    forward: ({ x }, { dim = -1, keepdim = false }) => ({
      values: reduceDims(x, dim, keepdim, (lane) => lane[modeOf(lane)]),
      indices: reduceDims(x, dim, keepdim, modeOf),
    }),
    cases: [
      ...withoutGradient([
        ofX(whole(-2, 3, 5, 9)),
        ofX(whole(-1, 2, 4, 6, 3), { dim: 1, keepdim: true }),
        ofX({ shape: [3, 8], dtype: 'i32', range: [0, 3] }),
        ofX(values(3, 1, 3, 2, 2)),
      ]),
      ofX(distinct(4, 5), { dim: 0 }),
    ],
  },
  nanmedian: {
    forward: ({ x }, { dim = null, keepdim = false }): Record<string, NdArray> => {
      const found = reduceDims(x, dim, keepdim && dim !== null, (lane) => lane[middleOf(lane)]);
      return dim === null ? { y: found } : { values: found, indices: reduceDims(x, dim, keepdim, middleOf) };
    },
    cases: [
      ofX(distinct(3, 5)),
      ofX(distinct(4, 6), { dim: 0 }),
      ofX(distinct(2, 7), { dim: 1, keepdim: true }),
      { ...ofX(values(3, 'NaN', 1, 'NaN', 2)), name: 'without NaN', gradient: false },
      {
        ...ofX({ shape: [2, 3], values: ['NaN', 'NaN', 4, 5, 'NaN', 1] }, { dim: 1 }),
        name: 'without NaN',
        gradient: false,
      },
    ],
  },
  nanquantile: {
    forward({ x }, { q, dim = null, keepdim = false, interpolation = 'linear' }) {
      const one = (share: number) =>
        reduceDims(x, dim, keepdim, (lane) => nanquantile(lane, share, interpolation));
      if (typeof q === 'number') return { y: one(q) };
      const parts = q.map(one) as NdArray[];
      const data = parts.flatMap((part) => Array.from(part.data));
      return { y: { shape: [q.length, ...parts[0].shape], data: Float64Array.from(data) } };
    },
    cases: [
      ofX(distinct(7), { q: 0.3 }),
      ofX(distinct(4, 5), { q: [0, 0.45, 1], dim: 0 }),
      ofX(distinct(3, 6), { q: 0.7, dim: 1, keepdim: true, interpolation: 'lower' }),
      ofX(distinct(3, 6), { q: 0.7, interpolation: 'higher' }),
      ofX(distinct(6), { q: 0.5, interpolation: 'midpoint' }),
      ofX(distinct(6), { q: 0.5, interpolation: 'nearest' }),
      {
        ...ofX(
          { shape: [3, 4], values: ['NaN', 1, 4, 2, 'NaN', 'NaN', 'NaN', 'NaN', 1, 2, 3, 5] },
          { q: 0.25, dim: 1 },
        ),
        name: 'without NaN',
        gradient: false,
      },
    ],
  },
  cov: {
    forward: ({ x, fweights, aweights }, { correction = 1 }) => ({
      y: covariance(x, correction, fweights, aweights),
    }),
    cases: [
      ofX([3, 7]),
      ofX([9]),
      ofX([4, 5], { correction: 0 }),
      of({ x: [3, 6], fweights: { shape: [6], dtype: 'i32', range: [1, 4] } }),
      of({
        x: [2, 5],
        fweights: { shape: [5], dtype: 'i32', range: [1, 4] },
        aweights: { shape: [5], fill: 'uniform', range: [0.3, 2], differentiable: false },
      }),
    ],
  },
  corrcoef: {
    forward({ x }) {
      const c = covariance(x, 1);
      if (c.shape.length === 0) return { y: build([], () => c.data[0] / c.data[0]) };
      const n = c.shape[0];
      const deviation = (i: number) => Math.sqrt(c.data[i * n + i]);
      return {
        y: build(c.shape, ([a, b]) =>
          Math.min(1, Math.max(-1, c.data[a * n + b] / deviation(a) / deviation(b))),
        ),
      };
    },
    // The diagonal lies at the limit of the clamp, where differences see another slope on each side.
    cases: withoutGradient([ofX([3, 7]), ofX([2, 20]), ofX([8])]),
  },
  bincount: {
    forward({ x, weights }, { minlength = 0 }) {
      const bins = Math.max(minlength, ...Array.from(x.data as Float64Array, (value) => value + 1));
      const y = new Float64Array(bins);
      (x.data as Float64Array).forEach((bin, i) => {
        y[bin] += weights ? weights.data[i] : 1;
      });
      return { y: { shape: [bins], data: y } };
    },
    cases: withoutGradient([
      ofX({ shape: [40], dtype: 'i32', range: [0, 7] }, { minlength: 7 }),
      ofX({ shape: [5], dtype: 'i32', range: [0, 3] }, { minlength: 9 }),
      of({ x: { shape: [30], dtype: 'i32', range: [0, 5] }, weights: [30] }, { minlength: 5 }),
    ]),
  },
  histc: {
    forward: ({ x }, { bins = 100, min = 0, max = 0 }) => ({ y: histc(x, bins, min, max) }),
    cases: withoutGradient([
      ofX([50], { bins: 7, min: -1.03, max: 1.57 }),
      ofX({ shape: [5, 9], fill: 'distinct', range: [-2, 3.3] }, { bins: 6 }),
      ofX(values(2, 2, 2), { bins: 4 }),
      ofX(values(0, 1, 2.5, 'Infinity', 4, '-Infinity'), { bins: 4, min: 0, max: 4 }),
    ]),
  },
  trapezoid: {
    forward: ({ values: y, x }, { dx, dim = -1 }) => ({
      y: reduceDims(areas(y, x, dx ?? 1, dim), dim, false, sumOf),
    }),
    cases: [
      of({ values: [7] }),
      of({ values: [3, 5] }, { dx: 0.3 }),
      of({ values: [4, 3], x: [4] }, { dim: 0 }),
      of({ values: [2, 5], x: [2, 5] }),
    ],
  },
  cumulativeTrapezoid: {
    forward: ({ values: y, x }, { dx, dim = -1 }) => ({
      y: mapLanes(areas(y, x, dx ?? 1, dim), dim, (lane) => {
        let sum = 0;
        return Array.from(lane, (area) => (sum += area));
      }),
    }),
    cases: [of({ values: [7] }), of({ values: [4, 3] }, { dx: 2, dim: 0 }), of({ values: [2, 5], x: [5] })],
  },
  renorm: {
    forward: ({ x }, { p = 2, dim, maxnorm }) => ({ y: renorm(x, Number(p), dim, maxnorm) }),
    cases: [
      ofX([4, 5], { p: 2, dim: 0, maxnorm: 1.5 }),
      ofX({ shape: [3, 4, 2], fill: 'awayFromZero' }, { p: 1, dim: 1, maxnorm: 3 }),
      ofX(distinct(3, 4), { p: 'Infinity', dim: -1, maxnorm: 1 }),
    ],
  },
  vander: {
    forward({ x }, { N, increasing = false }) {
      const columns = N ?? x.shape[0];
      return { y: build([x.shape[0], columns], ([i, j]) => x.data[i] ** (increasing ? j : columns - 1 - j)) };
    },
    cases: [ofX(distinct(4)), ofX([3], { N: 5, increasing: true }), ofX([3], { N: 1 })],
  },
};
