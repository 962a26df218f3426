/**
 * The cases on which the pooling ops are tested, by number of spatial dimensions where an op has several. Max
 * pooling gets distinct values, so that no finite difference changes which one is the largest.
 */
import type { InputSpec, OpCase } from './types';

/** Values of which no two are near each other. */
function distinct(...shape: number[]): InputSpec {
  return { shape, fill: 'distinct', range: [-4, 4] };
}

/** Cases of maxPool1d, maxPool2d and maxPool3d. */
export const maxPoolCases: Record<1 | 2 | 3, OpCase[]> = {
  1: [
    { attrs: { kernelSize: 2 }, inputs: { x: distinct(2, 3, 8) } },
    { name: 'one of everything', attrs: { kernelSize: 1 }, inputs: { x: distinct(1, 1, 1) } },
    { name: 'the tail is left out', attrs: { kernelSize: 3 }, inputs: { x: distinct(1, 2, 11) } },
    {
      name: 'overlapping',
      attrs: { kernelSize: [5], stride: [2], padding: [2] },
      inputs: { x: distinct(2, 2, 13) },
    },
    { attrs: { kernelSize: 3, stride: 2, ceilMode: true }, inputs: { x: distinct(1, 3, 10) } },
    { attrs: { kernelSize: 3, stride: 1, dilation: 3 }, inputs: { x: distinct(1, 2, 17) } },
    { name: 'kernel as long as the input', attrs: { kernelSize: 7 }, inputs: { x: distinct(3, 2, 7) } },
  ],
  2: [
    { attrs: { kernelSize: 2 }, inputs: { x: distinct(2, 3, 6, 8) } },
    { name: 'one of everything', attrs: { kernelSize: 1 }, inputs: { x: distinct(1, 1, 1, 1) } },
    { name: 'the tail is left out', attrs: { kernelSize: [2, 3] }, inputs: { x: distinct(2, 2, 7, 11) } },
    {
      name: 'overlapping',
      attrs: { kernelSize: 3, stride: 1, padding: 1 },
      inputs: { x: distinct(1, 3, 6, 5) },
    },
    { attrs: { kernelSize: 3, stride: 2, padding: 1 }, inputs: { x: distinct(2, 4, 9, 8) } },
    { attrs: { kernelSize: [3, 2], stride: [2, 1], padding: [1, 0] }, inputs: { x: distinct(1, 2, 7, 6) } },
    { attrs: { kernelSize: 3, stride: 2, ceilMode: true }, inputs: { x: distinct(1, 2, 8, 10) } },
    {
      name: 'ceilMode: a last window that would start in the padding behind is left out',
      attrs: { kernelSize: 2, stride: 2, padding: 1, ceilMode: true },
      inputs: { x: distinct(1, 2, 5, 6) },
    },
    { attrs: { kernelSize: 2, dilation: [2, 3], stride: 1 }, inputs: { x: distinct(2, 2, 6, 7) } },
    {
      attrs: { kernelSize: 3, dilation: 2, stride: 2, padding: 1, ceilMode: true },
      inputs: { x: distinct(1, 3, 9, 8) },
    },
    {
      name: 'stride larger than the kernel',
      attrs: { kernelSize: 2, stride: 3 },
      inputs: { x: distinct(1, 2, 9, 8) },
    },
    {
      name: 'kernel as large as the input',
      attrs: { kernelSize: [5, 4] },
      inputs: { x: distinct(3, 2, 5, 4) },
    },
    { name: 'LeNet', attrs: { kernelSize: 2, stride: 2 }, inputs: { x: distinct(1, 6, 14, 14) } },
    {
      name: 'NaN and -Infinity propagate',
      attrs: { kernelSize: 2 },
      gradient: false,
      inputs: {
        x: {
          shape: [1, 1, 2, 8],
          values: [
            1,
            'NaN',
            1,
            2,
            '-Infinity',
            '-Infinity',
            'Infinity',
            1,
            3,
            4,
            'NaN',
            'NaN',
            '-Infinity',
            '-Infinity',
            2,
            5,
          ],
        },
      },
    },
    {
      name: 'all values in the padded window are negative',
      attrs: { kernelSize: 3, stride: 2, padding: 1 },
      inputs: { x: { shape: [1, 2, 5, 5], fill: 'distinct', range: [-9, -1] } },
    },
    {
      name: 'ties',
      attrs: { kernelSize: 2, stride: 1 },
      gradient: false,
      inputs: { x: { shape: [1, 1, 4, 4], values: [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 0, 0, 2, 2, 0, 0] } },
    },
  ],
  3: [
    { attrs: { kernelSize: 2 }, inputs: { x: distinct(2, 2, 4, 6, 4) } },
    { name: 'one of everything', attrs: { kernelSize: 1 }, inputs: { x: distinct(1, 1, 1, 1, 1) } },
    { attrs: { kernelSize: 3, stride: 2, padding: 1 }, inputs: { x: distinct(1, 2, 5, 6, 7) } },
    {
      attrs: { kernelSize: [1, 2, 3], stride: [2, 1, 2], padding: [0, 1, 1] },
      inputs: { x: distinct(1, 2, 4, 3, 6) },
    },
    { attrs: { kernelSize: 2, stride: 2, ceilMode: true }, inputs: { x: distinct(1, 1, 3, 5, 5) } },
    { attrs: { kernelSize: 2, stride: 1, dilation: 2 }, inputs: { x: distinct(1, 2, 4, 5, 3) } },
  ],
};

/** Cases of avgPool1d, avgPool2d and avgPool3d. */
export const avgPoolCases: Record<1 | 2 | 3, OpCase[]> = {
  1: [
    { attrs: { kernelSize: 2 }, inputs: { x: [2, 3, 8] } },
    { name: 'one of everything', attrs: { kernelSize: 1 }, inputs: { x: [1, 1, 1] } },
    { attrs: { kernelSize: 3, stride: 2, padding: 1 }, inputs: { x: [2, 2, 11] } },
    { attrs: { kernelSize: 3, stride: 2, padding: 1, countIncludePad: false }, inputs: { x: [2, 2, 11] } },
    { attrs: { kernelSize: [3], stride: [2], padding: [1], ceilMode: true }, inputs: { x: [1, 2, 10] } },
    { name: 'kernel as long as the input', attrs: { kernelSize: 7 }, inputs: { x: [3, 2, 7] } },
  ],
  2: [
    { attrs: { kernelSize: 2 }, inputs: { x: [2, 3, 6, 8] } },
    { name: 'one of everything', attrs: { kernelSize: 1 }, inputs: { x: [1, 1, 1, 1] } },
    { name: 'the tail is left out', attrs: { kernelSize: [2, 3] }, inputs: { x: [2, 2, 7, 11] } },
    { attrs: { kernelSize: 3, stride: 2, padding: 1 }, inputs: { x: [2, 2, 7, 8] } },
    { attrs: { kernelSize: 3, stride: 2, padding: 1, countIncludePad: false }, inputs: { x: [2, 2, 7, 8] } },
    { attrs: { kernelSize: [3, 2], stride: [1, 2], padding: [1, 0] }, inputs: { x: [1, 3, 5, 6] } },
    { attrs: { kernelSize: 3, stride: 2, ceilMode: true }, inputs: { x: [1, 2, 8, 10] } },
    {
      name: 'ceilMode with padding: what overhangs the padding is not counted',
      attrs: { kernelSize: 3, stride: 2, padding: 1, ceilMode: true },
      inputs: { x: [1, 2, 6, 8] },
    },
    {
      attrs: { kernelSize: 3, stride: 2, padding: 1, ceilMode: true, countIncludePad: false },
      inputs: { x: [1, 2, 6, 8] },
    },
    { attrs: { kernelSize: 2, divisorOverride: 3 }, inputs: { x: [2, 2, 4, 6] } },
    {
      attrs: {
        kernelSize: 3,
        stride: 2,
        padding: 1,
        ceilMode: true,
        countIncludePad: false,
        divisorOverride: 7,
      },
      inputs: { x: [1, 2, 6, 5] },
    },
    { name: 'kernel as large as the input', attrs: { kernelSize: [5, 4] }, inputs: { x: [3, 2, 5, 4] } },
    { attrs: { kernelSize: 3, stride: 1, dilation: 2 }, inputs: { x: [2, 2, 7, 8] } },
    {
      attrs: {
        kernelSize: [2, 3],
        stride: [2, 1],
        padding: [1, 2],
        dilation: [3, 2],
        countIncludePad: false,
      },
      inputs: { x: [1, 2, 9, 7] },
    },
    { attrs: { kernelSize: [3, 2], stride: 2, padding: 1, dilation: [1, 2] }, inputs: { x: [1, 2, 9, 7] } },
    {
      name: 'stride larger than the kernel',
      attrs: { kernelSize: 2, stride: 3 },
      inputs: { x: [1, 2, 9, 8] },
    },
  ],
  3: [
    { attrs: { kernelSize: 2 }, inputs: { x: [2, 2, 4, 6, 4] } },
    { name: 'one of everything', attrs: { kernelSize: 1 }, inputs: { x: [1, 1, 1, 1, 1] } },
    { attrs: { kernelSize: 3, stride: 2, padding: 1 }, inputs: { x: [1, 2, 5, 6, 7] } },
    {
      attrs: { kernelSize: 3, stride: 2, padding: 1, countIncludePad: false },
      inputs: { x: [1, 2, 5, 6, 7] },
    },
    {
      attrs: { kernelSize: [2, 3, 3], stride: [2, 2, 3], padding: [1, 1, 0], ceilMode: true },
      inputs: { x: [1, 2, 4, 6, 5] },
    },
    { attrs: { kernelSize: 2, divisorOverride: 5 }, inputs: { x: [1, 2, 4, 4, 3] } },
  ],
};

/** Cases of lpPool1d, lpPool2d and lpPool3d. */
export const lpPoolCases: Record<1 | 2 | 3, OpCase[]> = {
  1: [
    { attrs: { normType: 2, kernelSize: 3 }, inputs: { x: [2, 3, 11] } },
    { attrs: { normType: 3, kernelSize: 2, stride: 1, ceilMode: true }, inputs: { x: positive(1, 2, 6) } },
  ],
  2: [
    { attrs: { normType: 2, kernelSize: 2 }, inputs: { x: [2, 3, 6, 8] } },
    { attrs: { normType: 1, kernelSize: 3, stride: 2 }, inputs: { x: positive(1, 2, 7, 9) } },
    { attrs: { normType: 3, kernelSize: [2, 3], stride: 1 }, inputs: { x: positive(2, 2, 5, 6) } },
    { attrs: { normType: 2, kernelSize: 3, stride: 2, ceilMode: true }, inputs: { x: [1, 2, 6, 8] } },
    { attrs: { normType: 4, kernelSize: [5, 4] }, inputs: { x: [1, 2, 5, 4] } },
    { name: 'one of everything', attrs: { normType: 2, kernelSize: 1 }, inputs: { x: positive(1, 1, 1, 1) } },
  ],
  3: [
    { attrs: { normType: 2, kernelSize: 2 }, inputs: { x: [1, 2, 4, 4, 5] } },
    { attrs: { normType: 3, kernelSize: [1, 2, 3], stride: 1 }, inputs: { x: positive(1, 2, 2, 4, 4) } },
  ],
};

function positive(...shape: number[]): InputSpec {
  return { shape, fill: 'uniform', range: [0.2, 3] };
}

/** Cases of adaptiveAvgPool1d, adaptiveAvgPool2d and adaptiveAvgPool3d. */
export const adaptiveAvgPoolCases = adaptiveCases((...shape) => shape);

/** Cases of adaptiveMaxPool1d, adaptiveMaxPool2d and adaptiveMaxPool3d. */
export const adaptiveMaxPoolCases = adaptiveCases(distinct);

function adaptiveCases(input: (...shape: number[]) => InputSpec): Record<1 | 2 | 3, OpCase[]> {
  return {
    1: [
      { attrs: { outputSize: 4 }, inputs: { x: input(2, 3, 8) } },
      { name: 'overlapping bins', attrs: { outputSize: 5 }, inputs: { x: input(2, 2, 7) } },
      { name: 'more bins than input', attrs: { outputSize: 7 }, inputs: { x: input(1, 2, 3) } },
      { attrs: { outputSize: 1 }, inputs: { x: input(2, 3, 11) } },
      { name: 'as it is', attrs: { outputSize: [6] }, inputs: { x: input(1, 3, 6) } },
    ],
    2: [
      { attrs: { outputSize: 2 }, inputs: { x: input(2, 3, 4, 6) } },
      { attrs: { outputSize: 1 }, inputs: { x: input(2, 3, 5, 7) } },
      { name: 'overlapping bins', attrs: { outputSize: [3, 5] }, inputs: { x: input(2, 2, 7, 11) } },
      { name: 'more bins than input', attrs: { outputSize: [5, 7] }, inputs: { x: input(1, 2, 3, 2) } },
      { name: 'null keeps the size', attrs: { outputSize: [null, 3] }, inputs: { x: input(1, 2, 5, 8) } },
      { name: 'one of everything', attrs: { outputSize: 1 }, inputs: { x: input(1, 1, 1, 1) } },
      { name: 'AlexNet', attrs: { outputSize: [6, 6] }, inputs: { x: input(1, 2, 13, 13) } },
    ],
    3: [
      { attrs: { outputSize: 2 }, inputs: { x: input(2, 2, 4, 6, 4) } },
      { attrs: { outputSize: [1, 3, 2] }, inputs: { x: input(1, 2, 3, 5, 5) } },
      { attrs: { outputSize: [4, null, 5] }, inputs: { x: input(1, 2, 3, 4, 7) } },
      { attrs: { outputSize: 1 }, inputs: { x: input(2, 3, 2, 3, 4) } },
      { name: 'tiny', attrs: { outputSize: [2, 1, 3] }, inputs: { x: input(1, 2, 3, 2, 4) } },
    ],
  };
}

/** Cases of globalAvgPool and globalMaxPool. */
export const globalPoolCases: OpCase[] = [
  { inputs: { x: distinct(2, 3, 7) } },
  { inputs: { x: distinct(2, 5, 4, 6) } },
  { inputs: { x: distinct(1, 3, 3, 2, 5) } },
  { name: 'one position', inputs: { x: distinct(3, 4, 1, 1) } },
  // Not around 0: the only average would be 0, which leaves its error nothing to be relative to.
  { name: 'one channel', inputs: { x: { shape: [1, 1, 11, 13], fill: 'distinct', range: [-3, 4] } } },
  { name: 'more than a workgroup', inputs: { x: distinct(1, 2, 19, 23) } },
  {
    name: 'NaN propagates within its channel',
    gradient: false,
    inputs: { x: { shape: [1, 2, 2, 2], values: [1, 'NaN', 3, 4, 5, 6, 7, 8] } },
  },
];
