/**
 * The cases on which the normalizations are tested. Those that center have values near 1e4 with a variance
 * near 1, where the difference of two large means of squares would have lost the variance.
 */
import type { InputSpec, OpCase } from './types';

/** Values near 1e4 that vary by about 1. */
function faraway(...shape: number[]): InputSpec {
  return { shape, fill: 'uniform', range: [9998, 10002] };
}

/** Positive values: variances. */
function positive(...shape: number[]): InputSpec {
  return { shape, fill: 'uniform', range: [0.3, 3] };
}

function constant(value: number, ...shape: number[]): InputSpec {
  return { shape, fill: 'uniform', range: [value, value] };
}

const running = { runningMean: [3], runningVar: positive(3) };

/** Cases of batchNorm, in training and in evaluation. */
export const batchNormCases: OpCase[] = [
  { training: true, inputs: { x: [4, 3, 5, 2], weight: [3], bias: [3], ...running } },
  { training: true, inputs: { x: [7, 3], weight: [3], bias: [3], ...running } },
  { training: true, inputs: { x: [2, 3, 11], weight: [3], bias: [3], ...running } },
  { training: true, inputs: { x: [2, 3, 2, 3, 4], weight: [3], bias: [3], ...running } },
  { name: 'not affine', training: true, inputs: { x: [3, 3, 4, 4], ...running } },
  { name: 'no running statistics', training: true, inputs: { x: [3, 2, 4, 4], weight: [2], bias: [2] } },
  { name: 'weight alone', training: true, inputs: { x: [3, 2, 4], weight: [2] } },
  {
    training: true,
    attrs: { momentum: 0.7, eps: 1e-2 },
    inputs: { x: [5, 3, 3], weight: [3], bias: [3], ...running },
  },
  { training: true, attrs: { momentum: 0 }, inputs: { x: [5, 3, 3], ...running } },
  { training: true, attrs: { momentum: 1 }, inputs: { x: [5, 3, 3], ...running } },
  {
    name: 'two values per channel',
    training: true,
    gradientScale: 1,
    inputs: { x: [2, 3, 1, 1], weight: [3], bias: [3], ...running },
  },
  { name: 'one channel', training: true, inputs: { x: [3, 1, 7, 5], weight: [1], bias: [1] } },
  { name: 'many channels', training: true, inputs: { x: [2, 67, 3], weight: [67], bias: [67] } },
  {
    name: 'large mean',
    training: true,
    inputs: { x: faraway(4, 3, 6, 5), weight: [3], bias: [3], ...running },
  },
  {
    name: 'many values per channel',
    training: true,
    inputs: { x: faraway(3, 2, 17, 19), weight: [2], bias: [2] },
  },
  { name: 'no variance', training: true, inputs: { x: constant(3, 2, 2, 4), weight: [2], bias: [2] } },
  {
    name: 'NaN spoils its channel alone',
    training: true,
    gradient: false,
    inputs: { x: { shape: [2, 2, 2], values: [1, 'NaN', 3, 4, 5, 6, 7, 8] }, weight: [2], bias: [2] },
  },
  { inputs: { x: [4, 3, 5, 2], weight: [3], bias: [3], ...running } },
  { inputs: { x: [7, 3], ...running } },
  { inputs: { x: [2, 3, 2, 3, 4], weight: [3], bias: [3], ...running } },
  { attrs: { eps: 1e-2 }, inputs: { x: [1, 3, 1, 1], weight: [3], bias: [3], ...running } },
  { name: 'weight alone, evaluation', inputs: { x: [2, 3, 5], weight: [3], ...running } },
  {
    name: 'large mean, evaluation',
    inputs: { x: faraway(2, 3, 5), weight: [3], bias: [3], runningMean: faraway(3), runningVar: positive(3) },
  },
  {
    name: 'several workgroups per channel',
    training: true,
    inputs: { x: faraway(5, 3, 31, 37), weight: [3], bias: [3], ...running },
  },
  {
    name: 'several workgroups for many rows',
    training: true,
    inputs: { x: faraway(1501, 3), weight: [3], bias: [3], ...running },
  },
];

/** Cases of layerNorm. */
export const layerNormCases: OpCase[] = [
  { attrs: { normalizedShape: [6] }, inputs: { x: [4, 6], weight: [6], bias: [6] } },
  { attrs: { normalizedShape: [7] }, inputs: { x: [2, 3, 7] } },
  { attrs: { normalizedShape: [3, 5] }, inputs: { x: [2, 4, 3, 5], weight: [3, 5], bias: [3, 5] } },
  { attrs: { normalizedShape: [4, 3, 2] }, inputs: { x: [2, 4, 3, 2], weight: [4, 3, 2] } },
  { name: 'one row', attrs: { normalizedShape: [13] }, inputs: { x: [13], weight: [13], bias: [13] } },
  {
    name: 'one of everything',
    attrs: { normalizedShape: [1] },
    inputs: { x: [1, 1], weight: [1], bias: [1] },
  },
  { attrs: { normalizedShape: [8], eps: 0.1 }, inputs: { x: [3, 8], weight: [8], bias: [8] } },
  {
    name: 'beyond a workgroup',
    attrs: { normalizedShape: [257] },
    inputs: { x: [3, 257], weight: [257], bias: [257] },
  },
  { name: 'many rows', attrs: { normalizedShape: [3] }, inputs: { x: [301, 3], weight: [3], bias: [3] } },
  {
    name: 'large mean',
    attrs: { normalizedShape: [31] },
    inputs: { x: faraway(5, 31), weight: [31], bias: [31] },
  },
  {
    name: 'no variance',
    attrs: { normalizedShape: [4] },
    inputs: { x: constant(-2, 2, 4), weight: [4], bias: [4] },
  },
  {
    name: 'NaN and Infinity spoil their rows alone',
    attrs: { normalizedShape: [3] },
    gradient: false,
    inputs: { x: { shape: [3, 3], values: [1, 2, 4, 'NaN', 1, 2, 3, 'Infinity', 5] } },
  },
  { name: 'no rows', attrs: { normalizedShape: [4] }, inputs: { x: [0, 4], weight: [4], bias: [4] } },
  {
    name: 'many long rows',
    attrs: { normalizedShape: [67] },
    inputs: { x: [151, 67], weight: [67], bias: [67] },
  },
];

/** Cases of rmsNorm. */
export const rmsNormCases: OpCase[] = [
  { attrs: { normalizedShape: [6] }, inputs: { x: [4, 6], weight: [6] } },
  { attrs: { normalizedShape: [7] }, inputs: { x: [2, 3, 7] } },
  { attrs: { normalizedShape: [3, 5] }, inputs: { x: [2, 4, 3, 5], weight: [3, 5] } },
  {
    name: 'one of everything',
    attrs: { normalizedShape: [1] },
    gradientScale: 1,
    inputs: { x: [1, 1], weight: [1] },
  },
  { attrs: { normalizedShape: [8], eps: 0.1 }, inputs: { x: [3, 8], weight: [8] } },
  { attrs: { normalizedShape: [8], eps: null }, inputs: { x: [3, 8], weight: [8] } },
  { name: 'beyond a workgroup', attrs: { normalizedShape: [257] }, inputs: { x: [3, 257], weight: [257] } },
  { name: 'large mean', attrs: { normalizedShape: [31] }, inputs: { x: faraway(5, 31), weight: [31] } },
  {
    name: 'NaN spoils its row alone',
    attrs: { normalizedShape: [3] },
    gradient: false,
    inputs: { x: { shape: [2, 3], values: [1, 2, 4, 'NaN', 1, 2] } },
  },
];

/** Cases of groupNorm. */
export const groupNormCases: OpCase[] = [
  { attrs: { numGroups: 2 }, inputs: { x: [2, 6, 3, 4], weight: [6], bias: [6] } },
  { name: 'one group', attrs: { numGroups: 1 }, inputs: { x: [3, 4, 5], weight: [4], bias: [4] } },
  {
    name: 'a group per channel',
    attrs: { numGroups: 5 },
    inputs: { x: [2, 5, 3, 3], weight: [5], bias: [5] },
  },
  { name: 'not affine', attrs: { numGroups: 3 }, inputs: { x: [2, 6, 7] } },
  { name: 'no spatial dims', attrs: { numGroups: 2 }, inputs: { x: [5, 8], weight: [8], bias: [8] } },
  { attrs: { numGroups: 2, eps: 0.1 }, inputs: { x: [1, 4, 2, 3, 2], weight: [4], bias: [4] } },
  { name: 'weight alone', attrs: { numGroups: 2 }, inputs: { x: [2, 4, 5], weight: [4] } },
  {
    name: 'beyond a workgroup',
    attrs: { numGroups: 2 },
    inputs: { x: [1, 4, 11, 13], weight: [4], bias: [4] },
  },
  { name: 'large mean', attrs: { numGroups: 2 }, inputs: { x: faraway(2, 4, 5, 3), weight: [4], bias: [4] } },
  {
    name: 'NaN spoils its group alone',
    attrs: { numGroups: 2 },
    gradient: false,
    inputs: { x: { shape: [1, 4, 2], values: [1, 'NaN', 3, 4, 5, 6, 7, 8] } },
  },
];

/** Cases of instanceNorm. */
export const instanceNormCases: OpCase[] = [
  { inputs: { x: [2, 3, 4, 5] } },
  { inputs: { x: [2, 3, 7], weight: [3], bias: [3] } },
  { inputs: { x: [2, 3, 2, 3, 4], weight: [3], bias: [3] } },
  { name: 'moves the running statistics', inputs: { x: [4, 3, 2, 5], weight: [3], bias: [3], ...running } },
  { attrs: { momentum: 0.4, eps: 0.1 }, inputs: { x: [2, 3, 6], ...running } },
  { attrs: { useInputStats: false }, inputs: { x: [2, 3, 4, 5], weight: [3], bias: [3], ...running } },
  { name: 'two values', inputs: { x: [3, 2, 2], weight: [2], bias: [2] } },
  { name: 'beyond a workgroup', inputs: { x: [1, 2, 17, 19], weight: [2], bias: [2] } },
  { name: 'large mean', inputs: { x: faraway(2, 3, 5, 7), weight: [3], bias: [3] } },
];

/** Cases of localResponseNorm. */
export const localResponseNormCases: OpCase[] = [
  { attrs: { size: 3 }, inputs: { x: [2, 5, 3, 4] } },
  { name: 'strong', attrs: { size: 5, alpha: 1, beta: 0.5, k: 2 }, inputs: { x: [2, 7, 5] } },
  { name: 'even size', attrs: { size: 4, alpha: 2, beta: 0.75, k: 1 }, inputs: { x: [1, 6, 3, 3] } },
  { name: 'size 1', attrs: { size: 1, alpha: 1 }, inputs: { x: [2, 3, 4] } },
  { name: 'wider than the channels', attrs: { size: 9, alpha: 0.5 }, inputs: { x: [2, 3, 2, 2] } },
  { name: 'one channel', attrs: { size: 2, alpha: 0.5, beta: 2 }, inputs: { x: [1, 1, 5] } },
  { attrs: { size: 3, alpha: 0.3 }, inputs: { x: [1, 4, 2, 3, 2] } },
];
