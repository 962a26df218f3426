/**
 * Cases of more than 65,535 elements along the axis that a kernel loops over, one or two for each family: drivers exist
 * that end long loops early, silently (`src/kernels/rounds.ts`). They are a list of their own because they take long.
 */
import type { OpCase } from './types';

const N = 70_001;

/** Indices that are the same `share` of the time: one target then gets nearly all positions. */
const indices = (size: number, range: [number, number] = [0, 3]) => ({
  shape: [size],
  dtype: 'i32' as const,
  range,
});

/** By op. */
export const longCases: Record<string, OpCase[]> = {
  dot: [{ inputs: { x: [N], other: [N] } }],
  matmul: [{ inputs: { x: [6, N], other: [N, 3] } }],
  linear: [{ inputs: { x: [N, 2], weight: [3, 2], bias: [3] } }],
  sum: [{ inputs: { x: [N] } }, { attrs: { dim: 0 }, inputs: { x: [N, 2] } }],
  norm: [{ attrs: { dim: 1 }, inputs: { x: [2, N] } }],
  max: [{ attrs: { dim: 0 }, inputs: { x: { shape: [N], fill: 'distinct' } } }],
  cumsum: [{ attrs: { dim: 0 }, inputs: { x: [N] } }],
  sort: [{ attrs: { dim: 0 }, inputs: { x: { shape: [N], fill: 'distinct' } } }],
  softmax: [
    { attrs: { dim: 1 }, inputs: { x: [2, N] } },
    { attrs: { dim: 0 }, inputs: { x: [N, 2] } },
  ],
  logSoftmax: [{ attrs: { dim: 0 }, inputs: { x: [N] } }],
  layerNorm: [{ attrs: { normalizedShape: [N] }, inputs: { x: [1, N], weight: [N], bias: [N] } }],
  rmsNorm: [{ attrs: { normalizedShape: [4 * N] }, inputs: { x: [1, 4 * N] } }],
  batchNorm: [
    { inputs: { x: [N, 2], weight: [2], bias: [2] }, training: true },
    { inputs: { x: [2, 2, 4 * N], weight: [2], bias: [2] }, training: true },
  ],
  instanceNorm: [
    {
      name: 'many samples',
      inputs: {
        x: [N, 1, 2],
        runningMean: [1],
        runningVar: { shape: [1], fill: 'uniform', range: [0.5, 2] },
      },
      training: true,
      gradient: false,
    },
  ],
  crossEntropy: [
    { inputs: { x: [2, N], target: { shape: [2], dtype: 'i32', range: [0, N] } } },
    { inputs: { x: [1, N, 2], target: { shape: [1, 2], dtype: 'i32', range: [0, N] } } },
    { inputs: { x: [N, 3], target: indices(N) } },
  ],
  accuracy: [
    {
      inputs: {
        x: { shape: [1, N, 2], fill: 'distinct' },
        target: { shape: [1, 2], dtype: 'i32', range: [0, N] },
      },
      gradient: false,
    },
  ],
  multiMarginLoss: [
    {
      inputs: { x: { shape: [2, N], fill: 'distinct' }, target: { shape: [2], dtype: 'i32', range: [0, N] } },
    },
  ],
  mseLoss: [{ inputs: { x: [N], target: [N] } }],
  ctcLoss: [
    {
      name: 'forward: the exponent of a sum of 70,000 logarithms has no digits left in float32',
      inputs: {
        logProbs: { shape: [N, 1, 3], fill: 'uniform', range: [-Math.log(3), -Math.log(3)] },
        targets: { shape: [1, 2], dtype: 'i32', values: [1, 2] },
        inputLengths: { shape: [1], dtype: 'i32', values: [N] },
        targetLengths: { shape: [1], dtype: 'i32', values: [2] },
      },
      gradient: false,
    },
    {
      name: 'nothing but blanks',
      inputs: {
        logProbs: {
          shape: [N, 1, 2],
          values: Array.from({ length: 2 * N }, (_, i) => (i % 2 === 0 ? 0 : '-Infinity')),
        },
        targets: { shape: [1, 1], dtype: 'i32', values: [1] },
        inputLengths: { shape: [1], dtype: 'i32', values: [N] },
        targetLengths: { shape: [1], dtype: 'i32', values: [0] },
      },
    },
  ],
  conv1d: [
    {
      name: 'long kernel',
      inputs: { x: { shape: [1, 1, N + 2], differentiable: false }, weight: [2, 1, N], bias: [2] },
    },
    { name: 'long input', inputs: { x: [1, 1, N], weight: [2, 1, 2], bias: [2] } },
  ],
  conv2d: [{ name: 'many channels', inputs: { x: [1, N, 1, 1], weight: [2, N, 1, 1] } }],
  convTranspose1d: [{ inputs: { x: [1, N, 2], weight: [N, 1, 2] } }],
  maxPool1d: [
    { attrs: { kernelSize: N, stride: 2 }, inputs: { x: { shape: [1, 2, N + 6], fill: 'distinct' } } },
  ],
  avgPool1d: [{ attrs: { kernelSize: N, stride: 2 }, inputs: { x: [1, 2, N + 6] } }],
  adaptiveAvgPool1d: [
    { attrs: { outputSize: 1 }, inputs: { x: [1, 2, N] } },
    { name: 'gradient over many windows', attrs: { outputSize: N }, inputs: { x: [1, 1, 2] } },
  ],
  adaptiveMaxPool1d: [{ attrs: { outputSize: N }, inputs: { x: { shape: [1, 1, 2], fill: 'distinct' } } }],
  interpolate: [
    { attrs: { size: [N], mode: 'linear' }, inputs: { x: [1, 1, 1] } },
    { attrs: { size: [N], mode: 'nearest' }, inputs: { x: [1, 1, 2] } },
  ],
  pad: [{ attrs: { pad: [N, 5], mode: 'replicate' }, inputs: { x: [2, 3] } }],
  embedding: [{ inputs: { x: indices(N, [0, 2]), weight: [3, 5] } }],
  indexSelect: [{ attrs: { dim: 0 }, inputs: { x: [2000, 5], index: indices(N, [0, 2]) } }],
  scatterAdd: [{ attrs: { dim: 0 }, inputs: { x: [1], index: indices(N, [0, 1]), src: [N] } }],
  scaledDotProductAttention: [
    { name: 'many keys', inputs: { query: [1, 2, 20], key: [1, N, 20], value: [1, N, 8] } },
    {
      name: 'many queries',
      inputs: { query: [1, N, 4], key: [1, 2, 4], value: [1, 2, 4], attnMask: [1, 2] },
    },
  ],
};
