/** Float64 references of the hinge losses, logCosh, the focal loss and the margin loss of several labels. */
import { reduceLoss } from './loss.reduction';
import { fromValues } from './ndarray';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

type Arrays = { x: NdArray; target: NdArray };

/** A loss per line of the last dim. */
function perLine(f: (x: number[], target: number[], all: NdArray) => number): Reference['forward'] {
  return ({ x, target }, { reduction = 'mean' }) => {
    const size = x.shape.at(-1)!;
    const lines = size === 0 ? 0 : x.data.length / size;
    const line = ({ data }: NdArray, i: number) => Array.from(data.subarray(i * size, (i + 1) * size));
    const losses = Array.from({ length: lines }, (_, i) => f(line(x, i), line(target, i), target));
    return { y: reduceLoss(fromValues(x.shape.slice(0, -1), losses), reduction) };
  };
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: number[]) => sum(values) / values.length;
/** max(0, x), which keeps NaN. */
const positive = (x: number) => Math.max(0, x);

function gaps(x: number[], target: number[], { data }: NdArray): number[] {
  const binary = data.every((label) => label === 0 || label === 1);
  return x.map((v, i) => positive(1 - v * (binary ? 2 * target[i] - 1 : target[i])));
}

function focal({ x, target }: Arrays, { alpha = 0.25, gamma = 2, reduction = 'none' }: any) {
  const terms = x.data.map((v, i) => {
    const t = target.data[i];
    const p = 1 / (1 + Math.exp(-v));
    const cost = Math.max(v, 0) - v * t + Math.log1p(Math.exp(-Math.abs(v)));
    const weight = alpha < 0 ? 1 : alpha * t + (1 - alpha) * (1 - t);
    return weight * cost * (1 - (p * t + (1 - p) * (1 - t))) ** gamma;
  });
  return { y: reduceLoss(fromValues(x.shape, terms), reduction) };
}

function labelMargins(x: number[], target: number[]): number {
  const end = target.findIndex((label) => label < 0);
  const labels = target.slice(0, end < 0 ? target.length : end);
  const others = x.map((_, i) => i).filter((i) => !labels.includes(i));
  return sum(labels.flatMap((j) => others.map((i) => positive(1 - (x[j] - x[i]))))) / x.length;
}

const labels = (shape: number[], values?: number[]): InputSpec => ({
  shape,
  fill: 'integer',
  range: [0, 2],
  differentiable: false,
  values,
});
const signs = (shape: number[]): InputSpec => ({
  shape,
  differentiable: false,
  values: shape[1] === 3 ? [1, -1, 1, -1, 1, -1] : [1, -1],
});
const reductions = (inputs: OpCase['inputs']): OpCase[] =>
  (['mean', 'sum', 'none'] as const).map((reduction) => ({ attrs: { reduction }, inputs }));

const pairs: OpCase[] = [
  ...reductions({ x: [4, 5], target: labels([4, 5]) }),
  { inputs: { x: [2, 3], target: signs([2, 3]) } },
  { inputs: { x: [7], target: labels([7]) } },
  { inputs: { x: [2, 3, 4], target: labels([2, 3, 4]) }, attrs: { reduction: 'none' } },
  {
    name: 'large scores',
    inputs: { x: { shape: [2, 2], values: [100, -100, 3, -50] }, target: labels([2, 2], [1, 1, 0, 0]) },
  },
];
const oneHot = labels([3, 4], [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
const focalCases: OpCase[] = [
  { inputs: { x: [4, 5], target: labels([4, 5]) } },
  ...reductions({ x: [13], target: labels([13]) }),
  { attrs: { alpha: -1 }, inputs: { x: [5, 3], target: labels([5, 3]) } },
  { attrs: { gamma: 0, alpha: 0.5 }, inputs: { x: [5, 3], target: labels([5, 3]) } },
  { attrs: { gamma: 1 }, inputs: { x: [5, 3], target: labels([5, 3]) } },
  { attrs: { gamma: 1.5 }, inputs: { x: [], target: labels([]) } },
];
const integers = (shape: number[], values: number[]): InputSpec => ({ shape, dtype: 'i32', values });

/** The references of this family. */
export const references: Record<string, Reference> = {
  hinge: { forward: perLine((x, target, all) => mean(gaps(x, target, all))), cases: pairs },
  squaredHinge: {
    forward: perLine((x, target, all) => mean(gaps(x, target, all).map((v) => v * v))),
    cases: pairs,
  },
  categoricalHinge: {
    forward: perLine((x, target) => {
      const best = Math.max(...x.map((v, i) => (1 - target[i]) * v));
      return positive(best - sum(x.map((v, i) => target[i] * v)) + 1);
    }),
    cases: [
      ...reductions({ x: [3, 4], target: oneHot }),
      { inputs: { x: [4], target: labels([4], [0, 0, 1, 0]) } },
    ],
  },
  logCosh: {
    forward: perLine((x, target) =>
      mean(
        x.map(
          (v, i) => Math.abs(v - target[i]) + Math.log1p(Math.exp(-2 * Math.abs(v - target[i]))) - Math.LN2,
        ),
      ),
    ),
    cases: [
      ...reductions({ x: [4, 5], target: [4, 5] }),
      { inputs: { x: [7], target: [7] } },
      {
        name: 'far apart',
        inputs: {
          x: { shape: [1, 3], values: [200, -200, 0] },
          target: { shape: [1, 3], values: [-200, 100, 0] },
        },
      },
    ],
  },
  sigmoidFocalLoss: { forward: (inputs, attrs) => focal(inputs as Arrays, attrs), cases: focalCases },
  multilabelMarginLoss: {
    forward: perLine(labelMargins),
    cases: [
      ...reductions({ x: [3, 4], target: integers([3, 4], [3, 0, -1, 1, -1, 2, 1, 0, 0, 1, 2, 3]) }),
      { inputs: { x: [5], target: integers([5], [2, 4, -1, -1, -1]) } },
      { name: 'no labels', inputs: { x: [1, 3], target: integers([1, 3], [-1, 1, 2]) } },
    ],
  },
};
