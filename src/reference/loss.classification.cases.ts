/** The cases on which the classification losses and metrics are tested. */
import type { InputSpec, OpCase } from './types';

/** Class indices below `classes`. */
function indices(classes: number, ...shape: number[]): InputSpec {
  return { shape, dtype: 'i32', range: [0, classes] };
}

/** Class indices as given. */
function classes(...values: number[]): InputSpec {
  return { shape: [values.length], dtype: 'i32', values };
}

/** Class weights, which PyTorch treats as constants. */
function weights(count: number): InputSpec {
  return { shape: [count], fill: 'uniform', range: [0.3, 2], differentiable: false };
}

/** Soft targets. Their rows need not sum to 1: PyTorch does not normalize them. */
function probabilities(...shape: number[]): InputSpec {
  return { shape, fill: 'uniform', range: [0.02, 0.5] };
}

const LARGE = [1e4, -1e4, 0, 1, 1e4, 9999, -1e4, -1e4, -9999.5, 5, 0, -5];

/** Cases of crossEntropy. */
export const crossEntropy: OpCase[] = [
  { inputs: { x: [4, 5], target: indices(5, 4) } },
  { attrs: { reduction: 'sum' }, inputs: { x: [3, 7], target: indices(7, 3) } },
  { attrs: { reduction: 'none' }, inputs: { x: [5, 3], target: indices(3, 5) } },
  { name: 'one sample of one class', inputs: { x: [1, 1], target: indices(1, 1) } },
  { name: 'beyond a workgroup', inputs: { x: [3, 300], target: indices(300, 3) } },
  { name: 'many rows', inputs: { x: [257, 3], target: indices(3, 257) } },
  { inputs: { x: [6, 5], target: indices(5, 6), weight: weights(5) } },
  { attrs: { reduction: 'sum' }, inputs: { x: [6, 5], target: indices(5, 6), weight: weights(5) } },
  { attrs: { reduction: 'none' }, inputs: { x: [6, 5], target: indices(5, 6), weight: weights(5) } },
  { attrs: { ignoreIndex: 1 }, inputs: { x: [5, 3], target: classes(0, 1, 2, 1, 2) } },
  { name: 'ignored by default', inputs: { x: [4, 3], target: classes(0, -100, 2, 1) } },
  {
    attrs: { ignoreIndex: -1, reduction: 'none' },
    inputs: { x: [4, 3], target: classes(-1, 0, 2, -1), weight: weights(3) },
  },
  { attrs: { ignoreIndex: 2 }, inputs: { x: [5, 3], target: classes(0, 1, 2, 1, 2), weight: weights(3) } },
  { name: 'all ignored: 0 / 0', gradient: false, inputs: { x: [2, 3], target: classes(-100, -100) } },
  {
    name: 'all ignored, summed',
    attrs: { reduction: 'sum' },
    inputs: { x: [2, 3], target: classes(-100, -100) },
  },
  { attrs: { labelSmoothing: 0.1 }, inputs: { x: [4, 5], target: indices(5, 4) } },
  { attrs: { labelSmoothing: 0.3, reduction: 'none' }, inputs: { x: [4, 5], target: indices(5, 4) } },
  { attrs: { labelSmoothing: 1 }, inputs: { x: [4, 5], target: indices(5, 4) } },
  { attrs: { labelSmoothing: 0.2 }, inputs: { x: [4, 5], target: indices(5, 4), weight: weights(5) } },
  {
    attrs: { labelSmoothing: 0.2, ignoreIndex: 2, reduction: 'sum' },
    inputs: { x: [5, 3], target: classes(0, 1, 2, 1, 2), weight: weights(3) },
  },
  {
    attrs: { labelSmoothing: 0.2, ignoreIndex: 2 },
    inputs: { x: [5, 3], target: classes(0, 1, 2, 1, 2), weight: weights(3) },
  },
  {
    name: 'smoothed and ignored, no weight',
    attrs: { labelSmoothing: 0.2, ignoreIndex: 1 },
    inputs: { x: [4, 3], target: classes(0, 1, 2, 1) },
  },
  { name: 'probabilities', inputs: { x: [4, 5], target: probabilities(4, 5) } },
  {
    name: 'probabilities',
    attrs: { reduction: 'none' },
    inputs: { x: [4, 5], target: probabilities(4, 5), weight: weights(5) },
  },
  {
    name: 'probabilities',
    attrs: { labelSmoothing: 0.2 },
    inputs: { x: [4, 5], target: probabilities(4, 5), weight: weights(5) },
  },
  {
    name: 'probabilities',
    attrs: { reduction: 'sum', labelSmoothing: 0.5 },
    inputs: { x: [3, 4], target: probabilities(3, 4) },
  },
  { name: 'per position', inputs: { x: [2, 3, 4], target: indices(3, 2, 4) } },
  { name: 'per position', inputs: { x: [2, 3, 4, 5], target: indices(3, 2, 4, 5), weight: weights(3) } },
  {
    name: 'per position',
    attrs: { reduction: 'none' },
    inputs: { x: [2, 3, 4], target: indices(3, 2, 4), weight: weights(3) },
  },
  {
    name: 'per position',
    attrs: { ignoreIndex: 0, labelSmoothing: 0.1 },
    inputs: { x: [2, 3, 5], target: indices(3, 2, 5) },
  },
  {
    name: 'probabilities per position',
    inputs: { x: [2, 3, 4], target: probabilities(2, 3, 4), weight: weights(3) },
  },
  {
    name: 'probabilities per position',
    attrs: { reduction: 'none' },
    inputs: { x: [2, 3, 2, 2], target: probabilities(2, 3, 2, 2) },
  },
  {
    name: 'large logits',
    attrs: { reduction: 'none' },
    inputs: { x: { shape: [3, 4], values: LARGE }, target: classes(0, 1, 1) },
  },
  { name: 'large logits', inputs: { x: { shape: [3, 4], values: LARGE }, target: classes(3, 2, 3) } },
  {
    name: 'masked logits',
    attrs: { reduction: 'none' },
    inputs: {
      x: { shape: [2, 4], values: [1, '-Infinity', 2, 0.5, '-Infinity', '-Infinity', 3, '-Infinity'] },
      target: classes(2, 2),
    },
  },
  {
    name: 'the target itself is masked: infinite',
    attrs: { reduction: 'none' },
    gradient: false,
    inputs: { x: { shape: [1, 3], values: [1, '-Infinity', 2] }, target: classes(1) },
  },
  {
    name: 'NaN, +Infinity and all -Infinity spoil their rows alone',
    attrs: { reduction: 'none' },
    gradient: false,
    inputs: {
      x: { shape: [4, 2], values: ['NaN', 1, 'Infinity', 1, '-Infinity', '-Infinity', 1, 2] },
      target: classes(1, 1, 0, 1),
    },
  },
  { name: 'nothing', attrs: { reduction: 'sum' }, inputs: { x: [0, 3], target: indices(3, 0) } },
  {
    name: 'rows of several workgroups',
    inputs: { x: [1500, 5], target: indices(5, 1500), weight: weights(5) },
  },
  {
    name: 'many rows of many classes',
    attrs: { labelSmoothing: 0.1, ignoreIndex: 7 },
    inputs: { x: [37, 211], target: indices(211, 37), weight: weights(211) },
  },
  {
    name: 'probabilities of many classes',
    attrs: { labelSmoothing: 0.1 },
    inputs: { x: [11, 211], target: probabilities(11, 211), weight: weights(211) },
  },
  {
    name: 'many positions',
    attrs: { ignoreIndex: 1, reduction: 'none' },
    inputs: { x: [2, 3, 19, 29], target: indices(3, 2, 19, 29), weight: weights(3) },
  },
];

/** Cases of nllLoss. */
export const nllLoss: OpCase[] = [
  { inputs: { x: [4, 5], target: indices(5, 4) } },
  { attrs: { reduction: 'sum' }, inputs: { x: [3, 7], target: indices(7, 3) } },
  { attrs: { reduction: 'none' }, inputs: { x: [5, 3], target: indices(3, 5) } },
  { name: 'one sample of one class', inputs: { x: [1, 1], target: indices(1, 1) } },
  { inputs: { x: [6, 5], target: indices(5, 6), weight: weights(5) } },
  { attrs: { ignoreIndex: 1 }, inputs: { x: [5, 3], target: classes(0, 1, 2, 1, 2), weight: weights(3) } },
  { attrs: { reduction: 'none' }, inputs: { x: [4, 3], target: classes(0, -100, 2, 1), weight: weights(3) } },
  { name: 'all ignored: 0 / 0', gradient: false, inputs: { x: [2, 3], target: classes(-100, -100) } },
  { name: 'per position', inputs: { x: [2, 3, 4], target: indices(3, 2, 4), weight: weights(3) } },
  {
    name: 'per position',
    attrs: { reduction: 'none' },
    inputs: { x: [2, 3, 2, 5], target: indices(3, 2, 2, 5) },
  },
  { name: 'many rows', inputs: { x: [257, 3], target: indices(3, 257) } },
];

/** Scores on a grid: no two differ by 1 or 0.5, the margins, exactly. */
const scores = (...shape: number[]): InputSpec => ({ shape, fill: 'distinct', range: [-1.7, 1.7] });

/** Cases of multiMarginLoss. */
export const multiMarginLoss: OpCase[] = [
  { inputs: { x: scores(4, 5), target: indices(5, 4) } },
  { attrs: { reduction: 'sum' }, inputs: { x: scores(3, 7), target: indices(7, 3) } },
  { attrs: { reduction: 'none' }, inputs: { x: scores(5, 3), target: indices(3, 5) } },
  { attrs: { p: 2 }, inputs: { x: scores(4, 5), target: indices(5, 4) } },
  { attrs: { margin: 0.5 }, inputs: { x: scores(4, 5), target: indices(5, 4), weight: weights(5) } },
  {
    attrs: { p: 2, margin: 2, reduction: 'sum' },
    inputs: { x: scores(3, 4), target: indices(4, 3), weight: weights(4) },
  },
  { name: 'one sample of one class', inputs: { x: [1, 1], target: indices(1, 1) } },
];

/** Labels 0 and 1 per class, which are constants. */
const labels = (...shape: number[]): InputSpec => ({
  shape,
  fill: 'integer',
  range: [0, 2],
  differentiable: false,
});

/** Cases of multilabelSoftMarginLoss. */
export const multilabelSoftMarginLoss: OpCase[] = [
  { inputs: { x: [4, 5], target: labels(4, 5) } },
  { attrs: { reduction: 'sum' }, inputs: { x: [3, 7], target: labels(3, 7) } },
  { attrs: { reduction: 'none' }, inputs: { x: [5, 3], target: labels(5, 3) } },
  { inputs: { x: [4, 5], target: labels(4, 5), weight: weights(5) } },
  { attrs: { reduction: 'none' }, inputs: { x: [4, 5], target: labels(4, 5), weight: weights(5) } },
  { name: 'one of everything', inputs: { x: [1, 1], target: labels(1, 1) } },
  {
    name: 'large values',
    attrs: { reduction: 'none' },
    inputs: {
      x: { shape: [2, 4], values: [1e4, -1e4, 1e4, -1e4, 60, -60, 60, -60] },
      target: { shape: [2, 4], values: [1, 0, 0, 1, 1, 0, 0, 1], differentiable: false },
    },
  },
];

/** Cases of distillationLoss. */
export const distillationLoss: OpCase[] = [
  { inputs: { x: [4, 5], teacher: [4, 5], target: indices(5, 4) } },
  { attrs: { temperature: 4, alpha: 0.7 }, inputs: { x: [4, 5], teacher: [4, 5], target: indices(5, 4) } },
  { attrs: { temperature: 0.5 }, inputs: { x: [3, 7], teacher: [3, 7], target: indices(7, 3) } },
  {
    name: 'teacher alone',
    attrs: { alpha: 1, temperature: 2 },
    inputs: { x: [2, 3], teacher: [2, 3], target: indices(3, 2) },
  },
  {
    name: 'target alone',
    attrs: { alpha: 0, temperature: 2 },
    inputs: { x: [2, 3], teacher: [2, 3], target: indices(3, 2) },
  },
  { name: 'one sample of one class', inputs: { x: [1, 1], teacher: [1, 1], target: indices(1, 1) } },
  {
    name: 'beyond a workgroup',
    attrs: { temperature: 3 },
    inputs: { x: [2, 300], teacher: [2, 300], target: indices(300, 2) },
  },
  {
    name: 'large logits',
    attrs: { temperature: 10 },
    inputs: {
      x: { shape: [2, 3], values: [1e4, -1e4, 0, 5, -5, 0] },
      // PyTorch's gradient of a probability that underflows to 0 is NaN.
      teacher: { shape: [2, 3], values: [1e4, -1e4, 0, 1, 2, 3], differentiable: false },
      target: classes(1, 0),
    },
  },
];

const noGradient = 'a count has no gradient';

/** Cases of accuracy and classificationError. */
export const accuracy: OpCase[] = [
  { name: noGradient, gradient: false, inputs: { x: [4, 3], target: indices(3, 4) } },
  { name: noGradient, gradient: false, inputs: { x: [1, 1], target: indices(1, 1) } },
  { name: noGradient, gradient: false, inputs: { x: [301, 2], target: indices(2, 301) } },
  {
    name: 'all right',
    gradient: false,
    inputs: { x: { shape: [2, 3], values: [3, 1, 2, 1, 2, 3] }, target: classes(0, 2) },
  },
  {
    name: 'all wrong',
    gradient: false,
    inputs: { x: { shape: [2, 3], values: [3, 1, 2, 1, 2, 3] }, target: classes(1, 0) },
  },
  {
    name: 'the first of equals',
    gradient: false,
    inputs: { x: { shape: [3, 3], values: [2, 2, 2, 1, 3, 3, 5, 1, 5] }, target: classes(0, 2, 0) },
  },
  {
    name: `many rows, many equals; ${noGradient}`,
    gradient: false,
    inputs: { x: { shape: [1201, 3], fill: 'integer', range: [0, 3] }, target: indices(3, 1201) },
  },
  {
    name: `many classes, many equals; ${noGradient}`,
    gradient: false,
    inputs: { x: { shape: [301, 67], fill: 'integer', range: [0, 30] }, target: indices(20, 301) },
  },
  {
    name: `per position; ${noGradient}`,
    gradient: false,
    inputs: { x: [2, 3, 2, 5], target: indices(3, 2, 2, 5) },
  },
  {
    name: `padding; ${noGradient}`,
    gradient: false,
    attrs: { ignoreIndex: 1 },
    inputs: { x: [2, 3, 5], target: indices(3, 2, 5) },
  },
  {
    name: `nothing but padding; ${noGradient}`,
    gradient: false,
    attrs: { ignoreIndex: -100 },
    inputs: { x: [2, 3], target: classes(-100, -100) },
  },
];
