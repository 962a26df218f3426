/** The cases on which the transposed convolutions, unfold and fold are tested. */
import type { OpCase } from './types';

/** Cases of convTranspose1d. */
export const convTranspose1dCases: OpCase[] = [
  { inputs: { x: [2, 3, 7], weight: [3, 4, 3], bias: [4] } },
  { name: 'one of everything', inputs: { x: [1, 1, 1], weight: [1, 1, 1], bias: [1] } },
  { attrs: { stride: 2 }, inputs: { x: [2, 3, 6], weight: [3, 2, 2] } },
  {
    attrs: { stride: 3, padding: 1, outputPadding: 2 },
    inputs: { x: [1, 2, 5], weight: [2, 3, 4], bias: [3] },
  },
  { attrs: { stride: [2], dilation: [3], padding: [2] }, inputs: { x: [1, 2, 6], weight: [2, 3, 3] } },
  { attrs: { groups: 2, stride: 2 }, inputs: { x: [2, 4, 5], weight: [4, 3, 3], bias: [6] } },
  {
    name: 'depthwise',
    attrs: { groups: 3, padding: 1 },
    inputs: { x: [1, 3, 11], weight: [3, 1, 5], bias: [3] },
  },
  {
    name: 'stride larger than the kernel leaves gaps',
    attrs: { stride: 4 },
    inputs: { x: [1, 2, 5], weight: [2, 2, 2], bias: [2] },
  },
];

/** Cases of convTranspose2d. */
export const convTranspose2dCases: OpCase[] = [
  { inputs: { x: [2, 3, 5, 6], weight: [3, 4, 3, 3], bias: [4] } },
  { name: 'one of everything', inputs: { x: [1, 1, 1, 1], weight: [1, 1, 1, 1], bias: [1] } },
  { name: 'from one position', inputs: { x: [2, 3, 1, 1], weight: [3, 5, 4, 4] } },
  {
    attrs: { stride: 2, padding: 1, outputPadding: 1 },
    inputs: { x: [2, 4, 5, 4], weight: [4, 3, 3, 3], bias: [3] },
  },
  {
    attrs: { stride: [2, 3], padding: [0, 2], outputPadding: [1, 2], dilation: [2, 1] },
    inputs: { x: [1, 2, 4, 5], weight: [2, 3, 2, 4], bias: [3] },
  },
  { attrs: { dilation: 2 }, inputs: { x: [1, 2, 5, 4], weight: [2, 3, 3, 3] } },
  {
    attrs: { groups: 2, stride: 2, padding: 1 },
    inputs: { x: [2, 4, 4, 5], weight: [4, 3, 4, 4], bias: [6] },
  },
  {
    name: 'depthwise',
    attrs: { groups: 5, stride: 2 },
    inputs: { x: [1, 5, 4, 3], weight: [5, 1, 3, 3], bias: [5] },
  },
  {
    name: 'depthwise with multiplier 2',
    attrs: { groups: 3 },
    inputs: { x: [1, 3, 4, 5], weight: [3, 2, 2, 2], bias: [6] },
  },
  { name: 'pointwise', inputs: { x: [2, 5, 3, 7], weight: [5, 3, 1, 1] } },
  {
    name: 'stride larger than the kernel leaves gaps',
    attrs: { stride: 3 },
    inputs: { x: [1, 2, 4, 3], weight: [2, 2, 2, 1], bias: [2] },
  },
  {
    name: 'medium',
    attrs: { stride: 2, padding: 1 },
    inputs: { x: [1, 8, 9, 11], weight: [8, 5, 4, 4], bias: [5] },
  },
];

/** Cases of convTranspose3d. */
export const convTranspose3dCases: OpCase[] = [
  { inputs: { x: [2, 2, 3, 4, 3], weight: [2, 3, 2, 3, 2], bias: [3] } },
  {
    attrs: { stride: 2, padding: 1, outputPadding: 1 },
    inputs: { x: [1, 2, 3, 2, 4], weight: [2, 2, 3, 3, 3] },
  },
  {
    attrs: { stride: [1, 2, 3], padding: [1, 0, 1], outputPadding: [0, 1, 2], dilation: [2, 1, 1] },
    inputs: { x: [1, 2, 3, 3, 2], weight: [2, 3, 2, 2, 4], bias: [3] },
  },
  { attrs: { groups: 2 }, inputs: { x: [1, 4, 2, 3, 2], weight: [4, 2, 2, 2, 3], bias: [4] } },
  { name: 'one of everything', inputs: { x: [1, 1, 1, 1, 1], weight: [1, 1, 1, 1, 1], bias: [1] } },
];

/** Cases of unfold (sliding windows to columns). */
export const unfoldCases: OpCase[] = [
  { attrs: { kernelSize: 3 }, inputs: { x: [2, 3, 5, 6] } },
  { attrs: { kernelSize: 1 }, inputs: { x: [1, 1, 1, 1] } },
  { attrs: { kernelSize: [2, 3], stride: [2, 1] }, inputs: { x: [2, 2, 6, 7] } },
  { attrs: { kernelSize: 3, padding: 1, stride: 2 }, inputs: { x: [1, 2, 7, 5] } },
  { attrs: { kernelSize: [3, 2], dilation: [1, 2], padding: [2, 0] }, inputs: { x: [1, 3, 4, 6] } },
  { name: 'kernel as large as the input', attrs: { kernelSize: [4, 5] }, inputs: { x: [2, 2, 4, 5] } },
  {
    name: 'stride and dilation with a common divisor pass over positions',
    attrs: { kernelSize: [2, 1], stride: [3, 1], dilation: [3, 1] },
    inputs: { x: [1, 1, 5, 1] },
  },
];

/** Cases of fold (columns summed back into an image). */
export const foldCases: OpCase[] = [
  { attrs: { outputSize: [5, 6], kernelSize: 3 }, inputs: { x: [2, 27, 12] } },
  { attrs: { outputSize: 1, kernelSize: 1 }, inputs: { x: [1, 1, 1] } },
  { attrs: { outputSize: [6, 7], kernelSize: [2, 3], stride: [2, 1] }, inputs: { x: [2, 12, 15] } },
  { attrs: { outputSize: [7, 5], kernelSize: 3, padding: 1, stride: 2 }, inputs: { x: [1, 18, 12] } },
  {
    attrs: { outputSize: [4, 6], kernelSize: [3, 2], dilation: [1, 2], padding: [2, 0] },
    inputs: { x: [1, 18, 24] },
  },
  {
    name: 'gaps between windows stay 0',
    attrs: { outputSize: 8, kernelSize: 2, stride: 3 },
    inputs: { x: [1, 8, 9] },
  },
  {
    name: 'stride and dilation with a common divisor pass over positions',
    attrs: { outputSize: [5, 1], kernelSize: [2, 1], stride: [3, 1], dilation: [3, 1] },
    inputs: { x: [1, 2, 1] },
  },
];
