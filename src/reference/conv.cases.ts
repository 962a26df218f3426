/** The cases on which conv1d, conv2d and conv3d are tested: every attribute, and the shapes that hurt. */
import type { OpCase } from './types';

/** Cases of conv1d. */
export const conv1dCases: OpCase[] = [
  { inputs: { x: [2, 3, 11], weight: [4, 3, 3], bias: [4] } },
  { name: 'one of everything', inputs: { x: [1, 1, 1], weight: [1, 1, 1], bias: [1] } },
  { attrs: { stride: 2, padding: 1 }, inputs: { x: [2, 3, 12], weight: [5, 3, 3] } },
  {
    attrs: { stride: [3], padding: [2], dilation: [2] },
    inputs: { x: [1, 2, 17], weight: [3, 2, 4], bias: [3] },
  },
  {
    name: 'same, even kernel',
    attrs: { padding: 'same' },
    inputs: { x: [2, 2, 9], weight: [3, 2, 4], bias: [3] },
  },
  { attrs: { padding: 'valid', dilation: 3 }, inputs: { x: [1, 2, 13], weight: [2, 2, 3] } },
  { attrs: { groups: 2, padding: 1 }, inputs: { x: [2, 4, 7], weight: [6, 2, 3], bias: [6] } },
  {
    name: 'depthwise',
    attrs: { groups: 5, padding: 'same' },
    inputs: { x: [2, 5, 19], weight: [5, 1, 5], bias: [5] },
  },
  { name: 'kernel as long as the input', inputs: { x: [3, 2, 7], weight: [4, 2, 7] } },
  { name: 'stride skips the tail', attrs: { stride: 4 }, inputs: { x: [1, 3, 18], weight: [2, 3, 3] } },
  { name: 'wide', attrs: { padding: 4 }, inputs: { x: [2, 3, 257], weight: [7, 3, 9], bias: [7] } },
];

/** Cases of conv2d. */
export const conv2dCases: OpCase[] = [
  { inputs: { x: [2, 3, 7, 8], weight: [4, 3, 3, 3], bias: [4] } },
  { name: 'one of everything', inputs: { x: [1, 1, 1, 1], weight: [1, 1, 1, 1], bias: [1] } },
  { name: 'one channel, no bias', inputs: { x: [1, 1, 5, 5], weight: [1, 1, 3, 3] } },
  { attrs: { stride: 2, padding: 1 }, inputs: { x: [2, 3, 9, 10], weight: [5, 3, 3, 3], bias: [5] } },
  {
    attrs: { stride: [2, 3], padding: [2, 1], dilation: [1, 2] },
    inputs: { x: [1, 2, 11, 13], weight: [3, 2, 4, 3], bias: [3] },
  },
  { name: 'same, odd kernel', attrs: { padding: 'same' }, inputs: { x: [2, 2, 6, 5], weight: [3, 2, 3, 5] } },
  {
    name: 'same, even kernel: the odd zero goes right and below',
    attrs: { padding: 'same', dilation: [1, 3] },
    inputs: { x: [1, 2, 7, 9], weight: [3, 2, 2, 4], bias: [3] },
  },
  { attrs: { padding: 'valid', stride: 3 }, inputs: { x: [2, 2, 10, 11], weight: [3, 2, 3, 2], bias: [3] } },
  { attrs: { dilation: 2, padding: 2 }, inputs: { x: [1, 3, 9, 9], weight: [4, 3, 3, 3] } },
  { attrs: { groups: 2, padding: 1 }, inputs: { x: [2, 4, 6, 7], weight: [6, 2, 3, 3], bias: [6] } },
  { attrs: { groups: 3, stride: 2 }, inputs: { x: [1, 6, 8, 7], weight: [3, 2, 2, 3] } },
  {
    name: 'depthwise',
    attrs: { groups: 7, padding: 1 },
    inputs: { x: [2, 7, 6, 9], weight: [7, 1, 3, 3], bias: [7] },
  },
  {
    name: 'depthwise, stride and dilation',
    attrs: { groups: 4, padding: 2, stride: 2, dilation: 2 },
    inputs: { x: [1, 4, 11, 10], weight: [4, 1, 3, 3] },
  },
  {
    name: 'depthwise with multiplier 3',
    attrs: { groups: 3, padding: [0, 1] },
    inputs: { x: [2, 3, 5, 6], weight: [9, 1, 2, 3], bias: [9] },
  },
  { name: 'pointwise', inputs: { x: [2, 5, 7, 3], weight: [11, 5, 1, 1], bias: [11] } },
  { name: 'pointwise, stride 2', attrs: { stride: 2 }, inputs: { x: [1, 8, 7, 8], weight: [4, 8, 1, 1] } },
  { name: 'kernel as large as the input', inputs: { x: [2, 3, 5, 4], weight: [6, 3, 5, 4], bias: [6] } },
  {
    name: 'kernel larger than the input, within the padding',
    attrs: { padding: 2 },
    inputs: { x: [1, 2, 2, 3], weight: [3, 2, 5, 5], bias: [3] },
  },
  {
    name: 'stride larger than the kernel',
    attrs: { stride: 3 },
    inputs: { x: [1, 2, 10, 11], weight: [2, 2, 2, 1] },
  },
  { name: 'primes', attrs: { padding: 1 }, inputs: { x: [3, 5, 7, 11], weight: [13, 5, 3, 2], bias: [13] } },
  {
    name: 'single row',
    attrs: { padding: [0, 2] },
    inputs: { x: [2, 3, 1, 17], weight: [4, 3, 1, 5], bias: [4] },
  },
  { name: 'medium', inputs: { x: [2, 8, 17, 19], weight: [12, 8, 3, 3], bias: [12] } },
  {
    name: 'medium, stride 2',
    attrs: { stride: 2, padding: 1 },
    inputs: { x: [1, 16, 17, 17], weight: [33, 16, 3, 3], bias: [33] },
  },
  {
    name: 'LeNet first layer',
    attrs: { padding: 2 },
    inputs: { x: [2, 1, 28, 28], weight: [6, 1, 5, 5], bias: [6] },
  },
  { name: 'LeNet second layer', inputs: { x: [2, 6, 14, 14], weight: [16, 6, 5, 5], bias: [16] } },
  { name: 'many output channels', inputs: { x: [1, 4, 4, 4], weight: [67, 4, 3, 3], bias: [67] } },
  { name: 'many input channels', attrs: { padding: 1 }, inputs: { x: [1, 65, 4, 4], weight: [3, 65, 3, 3] } },
  { name: 'empty batch', inputs: { x: [0, 3, 5, 5], weight: [2, 3, 3, 3], bias: [2] } },
  {
    name: 'NaN and Infinity stay in their windows',
    gradient: false,
    inputs: {
      x: { shape: [1, 1, 3, 4], values: ['NaN', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 'Infinity'] },
      weight: { shape: [1, 1, 2, 2], values: [1, 2, 3, 4] },
    },
  },
];

/** Cases of conv3d. */
export const conv3dCases: OpCase[] = [
  { inputs: { x: [2, 2, 4, 5, 6], weight: [3, 2, 2, 3, 3], bias: [3] } },
  { name: 'one of everything', inputs: { x: [1, 1, 1, 1, 1], weight: [1, 1, 1, 1, 1], bias: [1] } },
  { attrs: { stride: 2, padding: 1 }, inputs: { x: [1, 2, 5, 6, 7], weight: [4, 2, 3, 3, 3] } },
  {
    attrs: { stride: [1, 2, 3], padding: [2, 0, 1], dilation: [2, 1, 2] },
    inputs: { x: [1, 2, 5, 6, 8], weight: [2, 2, 3, 2, 3], bias: [2] },
  },
  {
    name: 'same, even kernel',
    attrs: { padding: 'same' },
    inputs: { x: [1, 2, 3, 4, 5], weight: [2, 2, 2, 3, 4] },
  },
  { attrs: { groups: 2, padding: 1 }, inputs: { x: [1, 4, 3, 4, 3], weight: [4, 2, 3, 3, 3], bias: [4] } },
  {
    name: 'depthwise',
    attrs: { groups: 3 },
    inputs: { x: [2, 3, 4, 3, 5], weight: [3, 1, 2, 2, 2], bias: [3] },
  },
  { name: 'kernel as large as the input', inputs: { x: [2, 2, 3, 4, 2], weight: [5, 2, 3, 4, 2] } },
  { name: 'pointwise', inputs: { x: [1, 5, 3, 2, 7], weight: [7, 5, 1, 1, 1], bias: [7] } },
];
