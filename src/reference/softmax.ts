/** Reference references of the functions along one dim: the softmax family and the gated units. */
import { sigmoid, silu } from './activation';
import { mapElements, mapLanes, normalizeDim, transposeDims } from './ndarray';
import type { NdArray, OpCase, Reference } from './types';

/** log(softmax) of a lane, shifted by its maximum so that no exponential overflows. */
export function logSoftmaxLane(lane: ArrayLike<number>): number[] {
  const values = Array.from(lane);
  const top = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = values.reduce((total, v) => total + Math.exp(v - top), 0);
  return values.map((v) => v - top - Math.log(sum));
}

const softmaxLane = (lane: ArrayLike<number>) => logSoftmaxLane(lane).map(Math.exp);

const SHAPES: OpCase[] = [
  { inputs: { x: [1] } },
  { name: '0-d', inputs: { x: [] } },
  { inputs: { x: [7] } },
  { inputs: { x: [3, 5] }, attrs: { dim: 0 } },
  { inputs: { x: [2, 3, 5] }, attrs: { dim: 1 } },
  { inputs: { x: [2, 3, 5] }, attrs: { dim: -3 } },
  { inputs: { x: [2, 3, 2, 5, 3] }, attrs: { dim: 2 } },
  { name: 'dim of size 1', inputs: { x: [4, 1] } },
  { inputs: { x: [3, 65] } },
  { inputs: { x: [3, 257] } },
  { inputs: { x: [130, 3] } },
  { inputs: { x: [2, 67, 9] }, attrs: { dim: 1 } },
  { name: 'long lane', inputs: { x: [2, 1025] } },
  { name: 'no lanes', inputs: { x: [0, 3] } },
  { name: 'more than 65,535 rows', inputs: { x: [70001, 3] }, gradient: false },
  { name: 'more than 65,535 columns', inputs: { x: [3, 70001] }, attrs: { dim: 0 }, gradient: false },
  {
    name: 'huge logits',
    inputs: { x: { shape: [3, 4], values: [1e4, -1e4, 0, 1, 1e4, 1e4, 9999, 5, -1e4, -1e4, -1e4, -10001] } },
  },
];

const MASKED: (number | string)[] = [1, '-Infinity', 2, 0.5, '-Infinity', '-Infinity', 3, '-Infinity'];
const NON_FINITE: OpCase = {
  name: 'a fully masked row, NaN and +Infinity poison their own rows only',
  inputs: {
    x: {
      shape: [4, 3],
      values: ['-Infinity', '-Infinity', '-Infinity', 1, 'NaN', 2, 'Infinity', 0, 1, 3, 2, 1],
    },
  },
  gradient: false,
};

function alongDim(f: (lane: Float64Array) => number[], extra: OpCase[]): Reference {
  return {
    forward: ({ x }, { dim = -1 }) => ({ y: mapLanes(x, dim, f) }),
    cases: [...SHAPES, NON_FINITE, ...extra],
  };
}

/** A unit that combines the halves of x along dim. */
function gated(f: (a: number, b: number) => number): Reference {
  return {
    forward({ x }, { dim = -1 }) {
      const [a, b] = halves(x, dim);
      return { y: mapElements(f, a, b) };
    },
    cases: [
      { inputs: { x: [2] } },
      { inputs: { x: [3, 10] } },
      { inputs: { x: [6, 5] }, attrs: { dim: 0 } },
      { inputs: { x: [2, 6, 5] }, attrs: { dim: 1 } },
      { inputs: { x: [2, 4, 3, 3] }, attrs: { dim: -3 } },
      { inputs: { x: [2, 3, 2, 2, 6] } },
      { inputs: { x: [3, 514] } },
      { name: 'no rows', inputs: { x: [0, 4] } },
      { name: 'more than 65,535 rows', inputs: { x: [70001, 2] }, gradient: false },
      {
        name: 'saturated gates',
        inputs: { x: { shape: [2, 6], values: [1, 2, -3, 88, -88, 0, 30, -30, 104, 1e3, -1e3, -104] } },
      },
    ],
  };
}

function halves(x: NdArray, dim: number): [NdArray, NdArray] {
  const axis = normalizeDim(dim, x.shape.length);
  const order = [axis, ...x.shape.map((_, d) => d).filter((d) => d !== axis)];
  const back = x.shape.map((_, d) => order.indexOf(d));
  const moved = transposeDims(x, order);
  const shape = [moved.shape[0] / 2, ...moved.shape.slice(1)];
  const half = moved.data.length / 2;
  const part = (start: number) => transposeDims({ shape, data: moved.data.slice(start, start + half) }, back);
  return [part(0), part(half)];
}

/** The references of this family. */
export const references: Record<string, Reference> = {
  softmax: alongDim(softmaxLane, [
    { name: '-Infinity as a mask', inputs: { x: { shape: [2, 4], values: MASKED } } },
  ]),
  logSoftmax: alongDim(logSoftmaxLane, [
    {
      name: '-Infinity as a mask: differences of -Infinity are NaN',
      inputs: { x: { shape: [2, 4], values: MASKED } },
      gradient: false,
    },
  ]),
  softmin: alongDim((lane) => softmaxLane(lane.map((v) => -v)), []),
  glu: gated((a, b) => a * sigmoid(b)),
  swiglu: gated((a, b) => silu(a) * b),
};
