/**
 * Float64 references of the normalizations. Variances are taken in two passes, so they stay right when the mean is
 * large. Semantics: torch.nn.functional.batch_norm, layer_norm, rms_norm, group_norm, instance_norm,
 * local_response_norm, normalize, cosine_similarity, pairwise_distance.
 */
import {
  broadcastShapes,
  broadcastTo,
  build,
  makeArray,
  mapElements,
  mapLanes,
  reduceDims,
  size,
} from './ndarray';
import {
  batchNormCases,
  groupNormCases,
  instanceNormCases,
  layerNormCases,
  localResponseNormCases,
  rmsNormCases,
} from './norm.cases';
import { cosineSimilarityCases, normalizeCases, pairwiseDistanceCases } from './norm.distance.cases';
import type { NdArray, Reference } from './types';

type Arrays = Record<string, NdArray>;
/** Tells which group, or which entry of a parameter, the element at a flat position belongs to. */
type Assignment = (flat: number) => number;

/** The channel (dim 1) of each element. */
function channelOf(x: NdArray): Assignment {
  const positions = size(x.shape.slice(2));
  return (flat) => Math.floor(flat / positions) % x.shape[1];
}

/** Mean and biased variance of every group of elements. */
function momentsOf(x: NdArray, groups: number, groupOf: Assignment): { mean: number[]; variance: number[] } {
  const count = x.data.length / groups;
  const mean = new Array<number>(groups).fill(0);
  const variance = new Array<number>(groups).fill(0);
  for (let i = 0; i < x.data.length; i++) mean[groupOf(i)] += x.data[i] / count;
  for (let i = 0; i < x.data.length; i++) variance[groupOf(i)] += (x.data[i] - mean[groupOf(i)]) ** 2 / count;
  return { mean, variance };
}

/** y = (x - mean) / sqrt(variance + eps) * weight + bias, each of them looked up by its assignment. */
function standardize(
  x: NdArray,
  moments: { mean: ArrayLike<number>; variance: ArrayLike<number> },
  groupOf: Assignment,
  eps: number,
  { weight, bias }: Arrays,
  parameterOf: Assignment,
): NdArray {
  return build(x.shape, (_, i) => {
    const group = groupOf(i);
    const normal = (x.data[i] - moments.mean[group]) / Math.sqrt(moments.variance[group] + eps);
    const scaled = weight ? normal * weight.data[parameterOf(i)] : normal;
    return bias ? scaled + bias.data[parameterOf(i)] : scaled;
  });
}

/** (1 - momentum) * running + momentum * new. */
function updateRunning(running: NdArray, values: number[], momentum: number): NdArray {
  return build(running.shape, (_, c) => (1 - momentum) * running.data[c] + momentum * values[c]);
}

/** Training normalizes by the batch and moves the running statistics (their variance is the unbiased one). */
function batchNorm(inputs: Arrays, attrs: any, training: boolean): Arrays {
  const { x, runningMean, runningVar } = inputs;
  const { momentum = 0.1, eps = 1e-5 } = attrs;
  const channel = channelOf(x);
  if (!training) {
    const moments = { mean: runningMean.data, variance: runningVar.data };
    return { y: standardize(x, moments, channel, eps, inputs, channel) };
  }
  const count = x.data.length / x.shape[1];
  const moments = momentsOf(x, x.shape[1], channel);
  const y = standardize(x, moments, channel, eps, inputs, channel);
  if (!runningMean) return { y };
  const unbiased = moments.variance.map((v) => (v * count) / (count - 1));
  return {
    y,
    runningMean: updateRunning(runningMean, moments.mean, momentum),
    runningVar: updateRunning(runningVar, unbiased, momentum),
  };
}

/** Every (sample, channel) by itself; running statistics move by the mean over the samples. */
function instanceNorm(inputs: Arrays, attrs: any): Arrays {
  const { x, runningMean, runningVar } = inputs;
  const { useInputStats = true, momentum = 0.1, eps = 1e-5 } = attrs;
  const channel = channelOf(x);
  if (!useInputStats) {
    const moments = { mean: runningMean.data, variance: runningVar.data };
    return { y: standardize(x, moments, channel, eps, inputs, channel) };
  }
  const [batch, channels, ...spatial] = x.shape;
  const count = size(spatial);
  const instance: Assignment = (flat) => Math.floor(flat / count);
  const moments = momentsOf(x, batch * channels, instance);
  const y = standardize(x, moments, instance, eps, inputs, channel);
  if (!runningMean) return { y };
  const overSamples = (values: number[]) =>
    Array.from({ length: channels }, (_, c) => {
      let sum = 0;
      for (let n = 0; n < batch; n++) sum += values[n * channels + c];
      return sum / batch;
    });
  const unbiased = moments.variance.map((v) => (v * count) / (count - 1));
  return {
    y,
    runningMean: updateRunning(runningMean, overSamples(moments.mean), momentum),
    runningVar: updateRunning(runningVar, overSamples(unbiased), momentum),
  };
}

function groupNorm(inputs: Arrays, attrs: any): Arrays {
  const { x } = inputs;
  const [batch, , ...spatial] = x.shape;
  const groups = batch * attrs.numGroups;
  // Channels of a group are neighbors, so a group is a run of consecutive elements.
  const perGroup = (x.shape[1] / attrs.numGroups) * size(spatial);
  const group: Assignment = (flat) => Math.floor(flat / perGroup);
  const moments = momentsOf(x, groups, group);
  return { y: standardize(x, moments, group, attrs.eps ?? 1e-5, inputs, channelOf(x)) };
}

function layerNorm(inputs: Arrays, attrs: any): Arrays {
  const { x } = inputs;
  const length = size(normalizedShape(attrs));
  const row: Assignment = (flat) => Math.floor(flat / length);
  const moments = momentsOf(x, x.data.length / length, row);
  return { y: standardize(x, moments, row, attrs.eps ?? 1e-5, inputs, (flat) => flat % length) };
}

/** y = x / sqrt(mean of x^2 over the normalized dims + eps) * weight. */
function rmsNorm({ x, weight }: Arrays, attrs: any): Arrays {
  const length = size(normalizedShape(attrs));
  const eps = attrs.eps ?? 2 ** -23;
  const meanSquare = new Array<number>(x.data.length / length).fill(0);
  x.data.forEach((value, i) => {
    meanSquare[Math.floor(i / length)] += value ** 2 / length;
  });
  const y = build(x.shape, (_, i) => {
    const normal = x.data[i] / Math.sqrt(meanSquare[Math.floor(i / length)] + eps);
    return weight ? normal * weight.data[i % length] : normal;
  });
  return { y };
}

function normalizedShape(attrs: any): number[] {
  return typeof attrs.normalizedShape === 'number' ? [attrs.normalizedShape] : attrs.normalizedShape;
}

/**
 * y = x / (k + alpha * mean of x^2 over `size` neighboring channels)^beta. Channels that are not there count
 * as 0 in the mean; of an even size one more lies before the channel than behind it.
 */
function localResponseNorm({ x }: Arrays, attrs: any): Arrays {
  const { alpha = 1e-4, beta = 0.75, k = 1 } = attrs;
  const [batch, channels, ...spatial] = x.shape;
  const positions = size(spatial);
  const y = makeArray(x.shape);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const first = Math.max(c - Math.floor(attrs.size / 2), 0);
      const last = Math.min(c + Math.floor((attrs.size - 1) / 2), channels - 1);
      for (let s = 0; s < positions; s++) {
        let squares = 0;
        for (let j = first; j <= last; j++) squares += x.data[(n * channels + j) * positions + s] ** 2;
        const i = (n * channels + c) * positions + s;
        y.data[i] = x.data[i] / (k + (alpha * squares) / attrs.size) ** beta;
      }
    }
  }
  return { y };
}

/** (sum of |v|^p)^(1/p); 'inf' is the largest |v|. */
function pNorm(values: Float64Array, p: number | 'inf'): number {
  if (p === 'inf') return Math.max(0, ...values.map(Math.abs));
  let sum = 0;
  for (const value of values) sum += Math.abs(value) ** p;
  return sum ** (1 / p);
}

/** y = x / max(norm of x along dim, eps). */
function normalize({ x }: Arrays, { p = 2, dim = 1, eps = 1e-12 }: any): Arrays {
  const y = mapLanes(x, dim, (lane) => {
    const divisor = Math.max(pNorm(lane, p), eps);
    return lane.map((value) => value / divisor);
  });
  return { y };
}

/** The dot product along dim of x1 and x2, each divided by max(its norm, eps). */
function cosineSimilarity({ x1, x2 }: Arrays, { dim = 1, eps = 1e-8 }: any): Arrays {
  const shape = broadcastShapes(x1.shape, x2.shape);
  const a = normalize({ x: broadcastTo(x1, shape) }, { dim, eps }).y;
  const b = normalize({ x: broadcastTo(x2, shape) }, { dim, eps }).y;
  const product = mapElements((u, v) => u * v, a, b);
  return { y: reduceDims(product, dim, false, (values) => values.reduce((sum, value) => sum + value, 0)) };
}

/** The p-norm along the last dim of x1 - x2 + eps. */
function pairwiseDistance({ x1, x2 }: Arrays, { p = 2, eps = 1e-6, keepdim = false }: any): Arrays {
  const difference = mapElements((a, b) => a - b + eps, x1, x2);
  return { y: reduceDims(difference, -1, keepdim, (values) => pNorm(values, p)) };
}

/** The references of the normalization ops by canonical name. */
export const references: Record<string, Reference> = {
  batchNorm: {
    forward: (inputs, attrs, { training }) => batchNorm(inputs, attrs, training),
    cases: batchNormCases,
  },
  layerNorm: { forward: layerNorm, cases: layerNormCases },
  rmsNorm: { forward: rmsNorm, cases: rmsNormCases },
  groupNorm: { forward: groupNorm, cases: groupNormCases },
  instanceNorm: { forward: instanceNorm, cases: instanceNormCases },
  localResponseNorm: { forward: localResponseNorm, cases: localResponseNormCases },
  normalize: { forward: normalize, cases: normalizeCases },
  cosineSimilarity: { forward: cosineSimilarity, cases: cosineSimilarityCases },
  pairwiseDistance: { forward: pairwiseDistance, cases: pairwiseDistanceCases },
};
