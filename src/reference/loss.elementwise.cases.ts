/** The cases on which the losses with one term per element are tested. */
import type { InputSpec, OpCase } from './types';

/** Values further than 0.1 from every target that `near` makes: no kink of |x - target| nearby. */
function off(...shape: number[]): InputSpec {
  return { shape, fill: 'awayFromZero' };
}

function near(...shape: number[]): InputSpec {
  return { shape, fill: 'uniform', range: [-0.1, 0.1] };
}

function uniform(low: number, high: number, ...shape: number[]): InputSpec {
  return { shape, fill: 'uniform', range: [low, high] };
}

/** Weights and labels, which PyTorch treats as constants. */
function constants(low: number, high: number, ...shape: number[]): InputSpec {
  return { shape, fill: 'uniform', range: [low, high], differentiable: false };
}

/** Labels of +1 and -1. */
function signs(...values: number[]): InputSpec {
  return { shape: [values.length], values, differentiable: false };
}

const given = (shape: number[], ...values: (number | string)[]) => ({ shape, values });

/** Cases that every loss of x and target has; `x` and `target` make values of a shape. */
function common(x: (...shape: number[]) => InputSpec, target: (...shape: number[]) => InputSpec): OpCase[] {
  return [
    { inputs: { x: x(4, 3), target: target(4, 3) } },
    { attrs: { reduction: 'sum' }, inputs: { x: x(2, 3, 5), target: target(2, 3, 5) } },
    { attrs: { reduction: 'none' }, inputs: { x: x(3, 7), target: target(3, 7) } },
    { name: 'one element', inputs: { x: x(1), target: target(1) } },
    { name: 'beyond a workgroup', inputs: { x: x(3, 331), target: target(3, 331) } },
  ];
}

/** Cases of mseLoss. */
export const mseLoss: OpCase[] = [
  ...common(
    (...shape) => shape,
    (...shape) => shape,
  ),
  { name: 'large values', inputs: { x: uniform(9e3, 1.1e4, 5), target: uniform(9e3, 1.1e4, 5) } },
  { name: 'nothing', attrs: { reduction: 'sum' }, inputs: { x: [0, 3], target: [0, 3] } },
  {
    name: 'NaN and Infinity',
    attrs: { reduction: 'none' },
    gradient: false,
    inputs: {
      x: given([4], 'NaN', 'Infinity', 1, 'Infinity'),
      target: given([4], 1, 1, '-Infinity', 'Infinity'),
    },
  },
  { name: 'several workgroups', inputs: { x: [97, 113], target: [97, 113] } },
  { name: 'broadcast', attrs: { reduction: 'sum' }, inputs: { x: [61, 1, 71], target: [2, 1] } },
];

/** Cases of l1Loss. */
export const l1Loss: OpCase[] = [
  ...common(off, near),
  {
    name: 'equal values have gradient 0',
    attrs: { reduction: 'sum' },
    inputs: { x: given([3], 1, 0, -2), target: given([3], 1, 0, -2) },
  },
];

/** Cases of smoothL1Loss. */
export const smoothL1Loss: OpCase[] = [
  ...common(off, near),
  { attrs: { beta: 0.3 }, inputs: { x: [4, 5], target: [4, 5] } },
  { attrs: { beta: 2.5, reduction: 'sum' }, inputs: { x: [4, 5], target: [4, 5] } },
  { name: 'beta 0 is l1', attrs: { beta: 0 }, inputs: { x: off(4, 5), target: near(4, 5) } },
  {
    name: 'on the joint',
    attrs: { reduction: 'none' },
    inputs: { x: given([3], 1, -1, 0), target: given([3], 0, 0, 0) },
  },
];

/** Cases of huberLoss. */
export const huberLoss: OpCase[] = [
  ...common(off, near),
  { attrs: { delta: 0.3 }, inputs: { x: [4, 5], target: [4, 5] } },
  { attrs: { delta: 2.5, reduction: 'sum' }, inputs: { x: [4, 5], target: [4, 5] } },
  {
    name: 'on the joint',
    attrs: { reduction: 'none' },
    inputs: { x: given([3], 1, -1, 0), target: given([3], 0, 0, 0) },
  },
];

const probability = (...shape: number[]) => uniform(0.05, 0.95, ...shape);
const label = (...shape: number[]) => constants(0, 1, ...shape);

/** Cases of binaryCrossEntropy. PyTorch has no gradient of its target. */
export const binaryCrossEntropy: OpCase[] = [
  ...common(probability, label),
  { inputs: { x: probability(4, 3), target: label(4, 3), weight: constants(0.5, 2, 4, 3) } },
  {
    name: 'weight per column',
    attrs: { reduction: 'sum' },
    inputs: { x: probability(4, 3), target: label(4, 3), weight: constants(0.5, 2, 3) },
  },
  {
    name: 'probabilities 0 and 1: logarithms end at -100',
    attrs: { reduction: 'none' },
    gradient: false,
    inputs: { x: given([6], 0, 1, 0, 1, 0, 1), target: given([6], 0, 1, 1, 0, 0.5, 0.5) },
  },
];

const normal = (...shape: number[]): InputSpec => shape;
const target01 = (...shape: number[]) => uniform(0, 1, ...shape);

/** Cases of binaryCrossEntropyWithLogits. */
export const binaryCrossEntropyWithLogits: OpCase[] = [
  ...common(normal, target01),
  { inputs: { x: [4, 3], target: target01(4, 3), weight: constants(0.5, 2, 4, 3) } },
  { inputs: { x: [4, 3], target: target01(4, 3), posWeight: constants(0.5, 4, 3) } },
  {
    attrs: { reduction: 'none' },
    inputs: {
      x: [4, 3],
      target: target01(4, 3),
      weight: constants(0.5, 2, 4, 1),
      posWeight: constants(2, 3, 1),
    },
  },
  {
    name: 'large logits',
    attrs: { reduction: 'none' },
    inputs: {
      x: given([8], 1e4, 1e4, -1e4, -1e4, 100, -100, 30, -30),
      target: { ...given([8], 0, 1, 0, 1, 0, 1, 1, 0), differentiable: false },
    },
  },
  {
    name: 'NaN',
    attrs: { reduction: 'none' },
    gradient: false,
    inputs: { x: given([2], 'NaN', 1), target: given([2], 1, 'NaN') },
  },
];

const logProbability = (...shape: number[]) => uniform(-4, -0.1, ...shape);

/** Cases of klDiv. */
export const klDiv: OpCase[] = [
  ...common(logProbability, probability),
  { attrs: { reduction: 'batchmean' }, inputs: { x: logProbability(4, 5), target: probability(4, 5) } },
  { attrs: { logTarget: true }, inputs: { x: logProbability(4, 5), target: logProbability(4, 5) } },
  {
    attrs: { logTarget: true, reduction: 'batchmean' },
    inputs: { x: logProbability(2, 3, 4), target: logProbability(2, 3, 4) },
  },
  {
    attrs: { logTarget: true, reduction: 'none' },
    inputs: { x: logProbability(7), target: logProbability(7) },
  },
  {
    name: 'target 0 costs nothing',
    attrs: { reduction: 'none' },
    inputs: {
      x: given([1, 3], -1, -2, -3),
      target: { shape: [1, 3], values: [0, 1, 0], differentiable: false },
    },
  },
];

/** Cases of poissonNllLoss. Targets keep away from 1, where Stirling's term sets in with a jump. */
export const poissonNllLoss: OpCase[] = [
  ...common(normal, (...shape) => uniform(0, 5, ...shape)),
  { attrs: { logInput: false }, inputs: { x: uniform(0.2, 4, 4, 3), target: uniform(0, 5, 4, 3) } },
  { attrs: { logInput: false, eps: 0.1 }, inputs: { x: uniform(0.2, 4, 4, 3), target: uniform(0, 5, 4, 3) } },
  { attrs: { full: true }, inputs: { x: [5, 3], target: uniform(1.2, 6, 5, 3) } },
  {
    name: 'full, targets on both sides of 1',
    attrs: { full: true, reduction: 'none' },
    inputs: { x: [6], target: { ...given([6], 0, 0.5, 1, 2, 3, 20), differentiable: false } },
  },
  {
    name: 'rate 0',
    attrs: { logInput: false, reduction: 'none' },
    gradient: false,
    inputs: { x: given([2], 0, 0), target: given([2], 0, 2) },
  },
];

const variance = (...shape: number[]) => uniform(0.3, 3, ...shape);

/** Cases of gaussianNllLoss. */
export const gaussianNllLoss: OpCase[] = [
  { inputs: { x: [4, 3], target: [4, 3], var: variance(4, 3) } },
  {
    attrs: { full: true, reduction: 'sum' },
    inputs: { x: [2, 3, 5], target: [2, 3, 5], var: variance(2, 3, 5) },
  },
  { attrs: { reduction: 'none' }, inputs: { x: [3, 7], target: [3, 7], var: variance(3, 7) } },
  { name: 'variance per sample', inputs: { x: [4, 3], target: [4, 3], var: variance(4, 1) } },
  { name: 'variance per sample, no last dim', inputs: { x: [4, 3], target: [4, 3], var: variance(4) } },
  { name: 'one element', inputs: { x: [1], target: [1], var: variance(1) } },
  {
    name: 'variance below eps',
    attrs: { eps: 0.5 },
    inputs: { x: [4], target: [4], var: { shape: [4], values: [0, 0.1, 0.2, 2], differentiable: false } },
  },
];

/** Cases of softMarginLoss. */
export const softMarginLoss: OpCase[] = [
  { inputs: { x: [6], target: signs(1, -1, -1, 1, 1, -1) } },
  { attrs: { reduction: 'sum' }, inputs: { x: [5], target: signs(1, -1, 1, 1, -1) } },
  { attrs: { reduction: 'none' }, inputs: { x: [7], target: signs(1, -1, -1, -1, 1, 1, -1) } },
  { name: 'one element', inputs: { x: [1], target: signs(-1) } },
  {
    name: 'matrix',
    inputs: { x: [2, 3], target: { shape: [2, 3], values: [1, -1, 1, -1, 1, -1], differentiable: false } },
  },
  {
    name: 'large values',
    attrs: { reduction: 'none' },
    inputs: { x: given([4], 50, -50, 50, -50), target: signs(1, 1, -1, -1) },
  },
];

/** Distances on a grid, of which none lies on the margins 1 and 0.5. */
const grid = (...shape: number[]): InputSpec => ({ shape, fill: 'distinct', range: [-2, 2] });

/** Cases of hingeEmbeddingLoss. */
export const hingeEmbeddingLoss: OpCase[] = [
  { inputs: { x: grid(8), target: signs(1, -1, -1, 1, 1, -1, -1, -1) } },
  {
    attrs: { margin: 0.5, reduction: 'sum' },
    inputs: { x: grid(8), target: signs(-1, -1, -1, 1, -1, -1, -1, 1) },
  },
  {
    attrs: { reduction: 'none' },
    inputs: { x: grid(12), target: signs(1, -1, 1, -1, -1, -1, -1, -1, 1, 1, -1, -1) },
  },
  {
    name: 'matrix',
    inputs: {
      x: grid(2, 4),
      target: { shape: [2, 4], values: [1, -1, 1, -1, -1, -1, 1, -1], differentiable: false },
    },
  },
  { name: 'one element', inputs: { x: grid(1), target: signs(-1) } },
];
