/** Float64 references of parts that are replaced, of sections, mirrors and windows, and of ops that draw numbers. */
import { withoutGradient } from './cases';
import {
  broadcastTo,
  build,
  mapElements,
  mapLanes,
  normalizeDim,
  offsetOf,
  reshape,
  strides,
} from './ndarray';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

const of = (inputs: OpCase['inputs'], attrs?: Record<string, unknown>, name?: string): OpCase => ({
  ...(name && { name }),
  inputs,
  attrs,
});

/** y = x with the elements at which `place` names an index of src. */
const replaced = (x: NdArray, src: NdArray, place: (index: number[]) => number[] | undefined): NdArray =>
  build(x.shape, (index, i) => {
    const from = place(index);
    return from ? src.data[offsetOf(from, strides(src.shape))] : x.data[i];
  });

const without = (index: number[], ...dims: number[]) => index.filter((_, d) => !dims.includes(d));

/** The positions from `start` to before `end` of a dim. */
function part(x: NdArray, dim: number, start: number, end: number): NdArray {
  return build(
    x.shape.map((n, d) => (d === dim ? end - start : n)),
    (index) =>
      x.data[
        offsetOf(
          index.map((i, d) => (d === dim ? i + start : i)),
          strides(x.shape),
        )
      ],
  );
}

const sections = (dimOf: (rank: number) => number, cases: OpCase[]): Reference => ({
  forward({ x }, { indicesOrSections: given }) {
    const dim = dimOf(x.shape.length);
    const n = x.shape[dim];
    const bounds = Array.isArray(given)
      ? given
      : Array.from({ length: given - 1 }, (_, i) => ((i + 1) * n) / given);
    const parts = [...bounds, n].map((end, i) => part(x, dim, bounds[i - 1] ?? 0, end));
    return Object.fromEntries(parts.map((y, i) => [`y${i}`, y]));
  },
  cases,
});

const mirrored = (dim: number, cases: OpCase[]): Reference => ({
  forward: ({ x }) => ({ y: mapLanes(x, dim, (lane) => lane.toReversed()) }),
  cases,
});

const samples = (shape: number[]): InputSpec => ({
  ...{ shape, fill: 'uniform', range: [0.0137, 0.9871] },
  differentiable: false,
});

function gumbelSoftmax(x: NdArray, u: NdArray, { tau = 1, hard = false, dim = -1 }: any): NdArray {
  const scores = mapElements((value, share) => (value - Math.log(-Math.log(share))) / tau, x, u);
  return mapLanes(scores, dim, (lane) => {
    const largest = Math.max(...lane);
    const powers = Array.from(lane, (score) => Math.exp(score - largest));
    const total = powers.reduce((a, b) => a + b, 0);
    if (hard) return powers.map((_, i) => Number(i === lane.indexOf(largest)));
    return powers.map((power) => power / total);
  });
}

/** The references of these ops by canonical name. */
export const references: Record<string, Reference> = {
  selectScatter: {
    forward({ x, src }, { dim, index }) {
      const at = normalizeDim(dim, x.shape.length);
      const wanted = index < 0 ? index + x.shape[at] : index;
      return { y: replaced(x, src, (place) => (place[at] === wanted ? without(place, at) : undefined)) };
    },
    cases: [
      of({ x: [3, 4], src: [4] }, { dim: 0, index: 1 }),
      of({ x: [2, 3, 4], src: [2, 3] }, { dim: -1, index: -2 }),
      ...withoutGradient([
        of(
          { x: { shape: [5], dtype: 'i32' }, src: { shape: [], dtype: 'i32' } },
          { dim: 0, index: 3 },
          'whole numbers',
        ),
      ]),
    ],
  },
  sliceScatter: {
    forward({ x, src }, { dim = 0, start, end, step = 1 }) {
      const at = normalizeDim(dim, x.shape.length);
      const n = x.shape[at];
      const bound = (value: number) => Math.min(Math.max(value < 0 ? value + n : value, 0), n);
      const [first, last] = [bound(start ?? 0), bound(end ?? n)];
      return {
        y: replaced(x, src, (place) => {
          const offset = place[at] - first;
          if (offset < 0 || place[at] >= last || offset % step !== 0) return undefined;
          return place.map((i, d) => (d === at ? offset / step : i));
        }),
      };
    },
    cases: [
      of({ x: [6, 3], src: [2, 3] }, { start: 2, end: 4 }),
      of({ x: [2, 7], src: [2, 3] }, { dim: 1, start: -6, step: 2 }),
      of({ x: [4], src: [4] }),
      of({ x: [4, 2], src: [0, 2] }, { start: 3, end: 3 }, 'nothing'),
    ],
  },
  diagonalScatter: {
    forward({ x, src }, { offset = 0, dim1 = 0, dim2 = 1 }) {
      const [row, column] = [normalizeDim(dim1, x.shape.length), normalizeDim(dim2, x.shape.length)];
      return {
        y: replaced(x, src, (place) =>
          place[column] - place[row] === offset
            ? [...without(place, row, column), Math.min(place[row], place[column])]
            : undefined,
        ),
      };
    },
    cases: [
      of({ x: [4, 4], src: [4] }),
      of({ x: [3, 5], src: [3] }, { offset: 1 }),
      of({ x: [5, 2, 4], src: [2, 3] }, { offset: -2, dim1: 0, dim2: 2 }),
    ],
  },
  hsplit: sections(
    (rank) => Math.min(1, rank - 1),
    [of({ x: [6] }, { indicesOrSections: 3 }), of({ x: [3, 5] }, { indicesOrSections: [1, 4] })],
  ),
  vsplit: sections(
    () => 0,
    [of({ x: [6, 2] }, { indicesOrSections: 2 }), of({ x: [4, 3] }, { indicesOrSections: [3] })],
  ),
  dsplit: sections(
    () => 2,
    [of({ x: [2, 3, 4] }, { indicesOrSections: 2 }), of({ x: [2, 1, 5] }, { indicesOrSections: [2, 3] })],
  ),
  fliplr: mirrored(1, [of({ x: [3, 5] }), of({ x: [2, 4, 3] })]),
  flipud: mirrored(0, [of({ x: [5] }), of({ x: [4, 3] })]),
  expandAs: {
    forward: ({ x, other }) => ({ y: broadcastTo(x, other.shape) }),
    cases: [of({ x: [3, 1], other: [3, 4] }), of({ x: [4], other: [2, 3, 4] })].map((c) => ({
      ...c,
      inputs: { ...c.inputs, other: { shape: c.inputs.other as number[], differentiable: false as const } },
    })),
  },
  reshapeAs: {
    forward: ({ x, other }) => ({ y: reshape(x, other.shape) }),
    cases: [
      of({ x: [3, 4], other: { shape: [2, 6], differentiable: false } }),
      of({ x: [4], other: { shape: [2, 1, 2], differentiable: false } }),
    ],
  },
  unfoldDim: {
    forward({ x }, { dim, size, step }) {
      const at = normalizeDim(dim, x.shape.length);
      const windows = Math.floor((x.shape[at] - size) / step) + 1;
      const shape = [...x.shape.map((n: number, d: number) => (d === at ? windows : n)), size];
      return {
        y: build(shape, (index) => {
          const inside = index.at(-1)!;
          const from = index.slice(0, -1).map((i, d) => (d === at ? i * step + inside : i));
          return x.data[offsetOf(from, strides(x.shape))];
        }),
      };
    },
    cases: [
      of({ x: [7] }, { dim: 0, size: 2, step: 1 }),
      of({ x: [3, 8, 2] }, { dim: 1, size: 3, step: 2 }),
      of({ x: [5, 4] }, { dim: -1, size: 4, step: 3 }),
    ],
  },
  gumbelSoftmax: {
    forward: ({ x, randomSamples }, attrs) => ({ y: gumbelSoftmax(x, randomSamples, attrs) }),
    cases: [
      of({ x: [3, 5], randomSamples: samples([3, 5]) }),
      of({ x: [4, 3, 2], randomSamples: samples([4, 3, 2]) }, { tau: 0.5, dim: 1 }),
      // The gradient of the unit vector is that of the softmax.
      ...withoutGradient([of({ x: [6, 4], randomSamples: samples([6, 4]) }, { hard: true })]),
    ],
  },
  rrelu: {
    forward({ x, randomSamples }, { lower = 1 / 8, upper = 1 / 3 }, { training }) {
      const mean = (lower + upper) / 2;
      if (!training) return { y: mapElements((v) => (v > 0 || Number.isNaN(v) ? v : v * mean), x) };
      const slope = (share: number) => lower + (upper - lower) * share;
      return { y: mapElements((v, share) => (v <= 0 ? v * slope(share) : v), x, randomSamples) };
    },
    cases: [
      of({ x: { shape: [3, 5], fill: 'awayFromZero' } }),
      of({ x: { shape: [7], fill: 'awayFromZero' } }, { lower: 0.1, upper: 0.5 }),
      {
        ...of({ x: { shape: [4, 6], fill: 'awayFromZero' }, randomSamples: samples([4, 6]) }),
        training: true,
      },
    ],
  },
};
