/** Reference references of the running sum and product along a dim. */
import { wholeCases } from './cases';
import { mapLanes, reduceDims } from './ndarray';
import type { InputSpec, OpCase, Reference } from './types';

type Fill = Omit<Exclude<InputSpec, number[]>, 'shape'>;

function scan(
  f: (total: number, value: number) => number,
  start: number,
  fill: Fill,
  extra: OpCase[],
): Reference {
  const along = (shape: number[], dim: number): OpCase => ({
    attrs: { dim },
    inputs: { x: { shape, ...fill } },
  });
  return {
    forward: ({ x }, { dim }) => ({
      y: mapLanes(x, dim, (lane) => {
        let total = start;
        return lane.map((value) => (total = f(total, value)));
      }),
    }),
    cases: [
      along([1], 0),
      { name: '0-d', ...along([], 0) },
      along([7], 0),
      along([2, 3, 5], 0),
      along([2, 3, 5], 1),
      along([2, 3, 5], -1),
      along([2, 3, 2, 5, 2], -2),
      { name: 'dim of size 1', ...along([3, 1, 2], 1) },
      along([257], 0),
      along([3, 67, 5], 1),
      { name: 'long rows', ...along([2, 1031], 1) },
      { name: 'long columns', ...along([1031, 3], 0) },
      { name: 'nothing to add up', ...along([0, 3], 0) },
      { name: 'no rows', ...along([0, 3], 1) },
      { name: 'more than 65,535 rows', ...along([70001, 3], 1), gradient: false },
      { name: 'columns of more than 65,535', ...along([70001, 3], 0), gradient: false },
      {
        name: 'NaN and infinities reach all that follows',
        attrs: { dim: 1 },
        inputs: {
          x: {
            shape: [3, 4],
            values: [1, 'NaN', 2, 3, 1, 'Infinity', 2, '-Infinity', '-0', 1, '-Infinity', 2],
          },
        },
        gradient: false,
      },
      ...extra,
    ],
  };
}

/** Running extremes: of equals the last, and NaN from where it comes. */
function running(replaces: (later: number, earlier: number) => boolean): Reference {
  const wins = (later: number, earlier: number) =>
    Number.isNaN(later) || (!Number.isNaN(earlier) && replaces(later, earlier));
  const places = (lane: Float64Array) => {
    let best = 0;
    return Array.from(lane, (v, i) => {
      if (wins(v, lane[best])) best = i;
      return best;
    });
  };
  const distinct = (shape: number[]): InputSpec => ({ shape, fill: 'distinct' });
  return {
    forward: ({ x }, { dim }) => ({
      values: mapLanes(x, dim, (lane) => places(lane).map((at) => lane[at])),
      indices: mapLanes(x, dim, places),
    }),
    cases: [
      { attrs: { dim: 1 }, inputs: { x: distinct([3, 7, 2]) } },
      { attrs: { dim: -1 }, inputs: { x: distinct([4, 5]) } },
      { attrs: { dim: 0 }, inputs: { x: distinct([]) } },
      { attrs: { dim: 1 }, inputs: { x: [0, 3] } },
      { name: 'several blocks', attrs: { dim: 0 }, inputs: { x: distinct([1031]) } },
      { name: 'several blocks of many lines', attrs: { dim: 1 }, inputs: { x: distinct([2, 600, 3]) } },
      {
        name: 'ties and special values',
        attrs: { dim: 1 },
        inputs: {
          x: { shape: [2, 6], values: [1, 1, 3, 3, 2, 'Infinity', 0, '-Infinity', 'NaN', 5, 'NaN', 1] },
        },
        gradient: false,
      },
    ],
  };
}

const logAdd = (a: number, b: number): number => {
  const top = Math.max(a, b);
  return Number.isFinite(top) ? top + Math.log(Math.exp(a - top) + Math.exp(b - top)) : top;
};

const EXTREMES = ['-Infinity', 1, 'NaN', 2, 1000, -1000, 999, 1001, '-Infinity', '-Infinity', 0, 'Infinity'];

/** Both extremes of a line. */
const aminmax: Reference = {
  forward: ({ x }, { dim = null, keepdim = false }) => ({
    min: reduceDims(x, dim, keepdim, (lane) => lane.reduce((a, b) => Math.min(a, b))),
    max: reduceDims(x, dim, keepdim, (lane) => lane.reduce((a, b) => Math.max(a, b))),
  }),
  cases: [
    { inputs: { x: { shape: [3, 5], fill: 'distinct' } } },
    { attrs: { dim: 1 }, inputs: { x: { shape: [2, 3, 4], fill: 'distinct' } } },
    { attrs: { dim: -1, keepdim: true }, inputs: { x: { shape: [4, 5], fill: 'distinct' } } },
    ...wholeCases({ dim: 0 }).slice(0, 1),
  ],
};

/** The references of this family. */
export const references: Record<string, Reference> = {
  cumsum: scan((total, value) => total + value, 0, {}, wholeCases({ dim: 1 })),
  cummax: running((later, earlier) => later >= earlier),
  cummin: running((later, earlier) => later <= earlier),
  logcumsumexp: scan(logAdd, Number.NEGATIVE_INFINITY, {}, [
    {
      name: 'large and special values',
      attrs: { dim: 1 },
      inputs: { x: { shape: [3, 4], values: EXTREMES } },
      gradient: false,
    },
  ]),
  aminmax,
  // Near 1, so that long products neither vanish nor overflow.
  cumprod: scan((total, value) => total * value, 1, { fill: 'uniform', range: [0.95, 1.05] }, [
    { name: 'signs', attrs: { dim: 1 }, inputs: { x: [3, 5] } },
    ...wholeCases({ dim: 0 }),
    {
      name: 'one and two zeros',
      attrs: { dim: 1 },
      inputs: { x: { shape: [3, 4], values: [2, 0, 3, 4, 0, -1, 0, 5, 1, 2, -3, 0] } },
    },
  ]),
};
