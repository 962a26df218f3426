/**
 * Float64 references of the convolutions: conv1d/2d/3d as the sum over the window, their transposes as its adjoint
 * (each input value is spread over a window of the output), unfold and fold as copies between the two.
 * Semantics: torch.nn.functional.conv2d, conv_transpose2d, unfold, fold.
 */

import { assertInternal } from '../errors';
import { conv1dCases, conv2dCases, conv3dCases } from './conv.cases';
import {
  convTranspose1dCases,
  convTranspose2dCases,
  convTranspose3dCases,
  foldCases,
  unfoldCases,
} from './convTranspose.cases';
import { makeArray } from './ndarray';
import { spatialShape, type Triple, triple, volumeShape } from './spatial';
import type { NdArray, Reference } from './types';

/** Zeros before the first element and in all, per dimension. 'same' puts the odd zero at the end. */
function paddingOf(
  padding: number | number[] | 'same' | 'valid',
  rank: number,
  kernel: Triple,
  dilation: Triple,
): { before: Triple; total: Triple } {
  if (padding === 'same') {
    const total = kernel.map((k, i) => dilation[i] * (k - 1)) as Triple;
    return { before: total.map((t) => Math.floor(t / 2)) as Triple, total };
  }
  const before = triple(padding === 'valid' ? 0 : padding, rank, 0);
  return { before, total: before.map((p) => 2 * p) as Triple };
}

/** y[n, o, q] = bias[o] + sum over c, k of x[n, c, q * stride + k * dilation - padding] * weight[o, c, k]. */
function convolution(rank: number, inputs: Record<string, NdArray>, attrs: any): Record<string, NdArray> {
  const { x, weight, bias } = inputs;
  const groups = attrs.groups ?? 1;
  const [batch, channels, ...size] = volumeShape(x);
  const [outChannels, channelsPerGroup, ...kernel] = volumeShape(weight);
  assertInternal(channels === channelsPerGroup * groups, 'reference', `${channels} channels`);
  const stride = triple(attrs.stride ?? 1, rank, 1);
  const dilation = triple(attrs.dilation ?? 1, rank, 1);
  const { before, total } = paddingOf(attrs.padding ?? 0, rank, kernel, dilation);
  const out = size.map(
    (s, i) => Math.floor((s + total[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1,
  ) as Triple;
  const [D, H, W] = size;
  const [KD, KH, KW] = kernel;
  const y = makeArray([batch, outChannels, ...spatialShape(out, rank)]);
  let index = 0;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outChannels; o++) {
      const firstChannel = Math.floor(o / (outChannels / groups)) * channelsPerGroup;
      for (let od = 0; od < out[0]; od++) {
        for (let oh = 0; oh < out[1]; oh++) {
          for (let ow = 0; ow < out[2]; ow++) {
            let sum = bias ? bias.data[o] : 0;
            for (let c = 0; c < channelsPerGroup; c++) {
              for (let kd = 0; kd < KD; kd++) {
                const d = od * stride[0] + kd * dilation[0] - before[0];
                if (d < 0 || d >= D) continue;
                for (let kh = 0; kh < KH; kh++) {
                  const h = oh * stride[1] + kh * dilation[1] - before[1];
                  if (h < 0 || h >= H) continue;
                  for (let kw = 0; kw < KW; kw++) {
                    const w = ow * stride[2] + kw * dilation[2] - before[2];
                    if (w < 0 || w >= W) continue;
                    sum +=
                      x.data[(((n * channels + firstChannel + c) * D + d) * H + h) * W + w] *
                      weight.data[(((o * channelsPerGroup + c) * KD + kd) * KH + kh) * KW + kw];
                  }
                }
              }
            }
            y.data[index++] = sum;
          }
        }
      }
    }
  }
  return { y };
}

/** y[n, o, i * stride + k * dilation - padding] += x[n, c, i] * weight[c, o, k], on top of bias[o]. */
function convolutionTranspose(
  rank: number,
  inputs: Record<string, NdArray>,
  attrs: any,
): Record<string, NdArray> {
  const { x, weight, bias } = inputs;
  const groups = attrs.groups ?? 1;
  const [batch, channels, ...size] = volumeShape(x);
  const [weightChannels, outPerGroup, ...kernel] = volumeShape(weight);
  assertInternal(channels === weightChannels, 'reference', `${channels} channels`);
  const outChannels = outPerGroup * groups;
  const stride = triple(attrs.stride ?? 1, rank, 1);
  const dilation = triple(attrs.dilation ?? 1, rank, 1);
  const padding = triple(attrs.padding ?? 0, rank, 0);
  const outputPadding = triple(attrs.outputPadding ?? 0, rank, 0);
  const out = size.map(
    (s, i) => (s - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + outputPadding[i] + 1,
  ) as Triple;
  const [D, H, W] = size;
  const [KD, KH, KW] = kernel;
  const y = makeArray([batch, outChannels, ...spatialShape(out, rank)]);
  const positions = out[0] * out[1] * out[2];
  for (let i = 0; bias && i < y.data.length; i++) {
    y.data[i] = bias.data[Math.floor(i / positions) % outChannels];
  }
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const firstOut = Math.floor(c / (channels / groups)) * outPerGroup;
      for (let id = 0; id < D; id++) {
        for (let ih = 0; ih < H; ih++) {
          for (let iw = 0; iw < W; iw++) {
            const value = x.data[(((n * channels + c) * D + id) * H + ih) * W + iw];
            for (let o = 0; o < outPerGroup; o++) {
              for (let kd = 0; kd < KD; kd++) {
                const d = id * stride[0] + kd * dilation[0] - padding[0];
                if (d < 0 || d >= out[0]) continue;
                for (let kh = 0; kh < KH; kh++) {
                  const h = ih * stride[1] + kh * dilation[1] - padding[1];
                  if (h < 0 || h >= out[1]) continue;
                  for (let kw = 0; kw < KW; kw++) {
                    const w = iw * stride[2] + kw * dilation[2] - padding[2];
                    if (w < 0 || w >= out[2]) continue;
                    y.data[(((n * outChannels + firstOut + o) * out[0] + d) * out[1] + h) * out[2] + w] +=
                      value * weight.data[(((c * outPerGroup + o) * KD + kd) * KH + kh) * KW + kw];
                  }
                }
              }
            }
          }
        }
      }
    }
  }
  return { y };
}

/**
 * Calls `visit(image, column)` for every pair of flat positions that unfold copies between: an image
 * [N, C, H, W] and its columns [N, C * kh * kw, windows]. Padding has no image position and is not visited.
 */
function forEachWindowElement(
  [batch, channels, H, W]: number[],
  attrs: any,
  visit: (image: number, column: number) => void,
): number {
  const [, KH, KW] = triple(attrs.kernelSize, 2, 1);
  const [, dh, dw] = triple(attrs.dilation ?? 1, 2, 1);
  const [, ph, pw] = triple(attrs.padding ?? 0, 2, 0);
  const [, sh, sw] = triple(attrs.stride ?? 1, 2, 1);
  const rows = Math.floor((H + 2 * ph - dh * (KH - 1) - 1) / sh) + 1;
  const columns = Math.floor((W + 2 * pw - dw * (KW - 1) - 1) / sw) + 1;
  let index = 0;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let kh = 0; kh < KH; kh++) {
        for (let kw = 0; kw < KW; kw++) {
          for (let oh = 0; oh < rows; oh++) {
            for (let ow = 0; ow < columns; ow++, index++) {
              const h = oh * sh + kh * dh - ph;
              const w = ow * sw + kw * dw - pw;
              if (h >= 0 && h < H && w >= 0 && w < W) visit(((n * channels + c) * H + h) * W + w, index);
            }
          }
        }
      }
    }
  }
  return rows * columns;
}

function unfold(x: NdArray, attrs: any): NdArray {
  const [, KH, KW] = triple(attrs.kernelSize, 2, 1);
  const copied: [image: number, column: number][] = [];
  const windows = forEachWindowElement(x.shape, attrs, (image, column) => copied.push([image, column]));
  const y = makeArray([x.shape[0], x.shape[1] * KH * KW, windows]);
  for (const [image, column] of copied) y.data[column] = x.data[image];
  return y;
}

function fold(x: NdArray, attrs: any): NdArray {
  const [, KH, KW] = triple(attrs.kernelSize, 2, 1);
  const [, H, W] = triple(attrs.outputSize, 2, 1);
  const y = makeArray([x.shape[0], x.shape[1] / (KH * KW), H, W]);
  const windows = forEachWindowElement(y.shape, attrs, (image, column) => {
    y.data[image] += x.data[column];
  });
  assertInternal(windows === x.shape[2], 'fold', `${x.shape[2]} windows, ${windows} fit`);
  return y;
}

/** The references of the convolution ops by canonical name. */
export const references: Record<string, Reference> = {
  conv1d: { forward: (inputs, attrs) => convolution(1, inputs, attrs), cases: conv1dCases },
  conv2d: { forward: (inputs, attrs) => convolution(2, inputs, attrs), cases: conv2dCases },
  conv3d: { forward: (inputs, attrs) => convolution(3, inputs, attrs), cases: conv3dCases },
  convTranspose1d: {
    forward: (inputs, attrs) => convolutionTranspose(1, inputs, attrs),
    cases: convTranspose1dCases,
  },
  convTranspose2d: {
    forward: (inputs, attrs) => convolutionTranspose(2, inputs, attrs),
    cases: convTranspose2dCases,
  },
  convTranspose3d: {
    forward: (inputs, attrs) => convolutionTranspose(3, inputs, attrs),
    cases: convTranspose3dCases,
  },
  unfold: { forward: ({ x }, attrs) => ({ y: unfold(x, attrs) }), cases: unfoldCases },
  fold: { forward: ({ x }, attrs) => ({ y: fold(x, attrs) }), cases: foldCases },
};
