/**
 * The loss curves that training has to reproduce: two models, their initial weights, data and optimizers. Everything
 * comes from seeds, so that `fixtures/curves/*.json` hold little more than PyTorch's losses (see curves.py). All
 * numbers are uniform draws rounded to float32: the same bits on every machine.
 */
import { Random } from '../../src/random';

/** Names of the models that have a curve. */
export type CurveModel = 'lenet' | 'mlp';

/** A layer of a curve's model, with PyTorch's argument names. */
export type CurveLayer =
  | { type: 'conv2d'; inChannels: number; outChannels: number; kernelSize: number; padding?: number }
  | { type: 'linear'; inFeatures: number; outFeatures: number }
  | { type: 'maxPool2d'; kernelSize: number }
  | { type: 'relu' }
  | { type: 'flatten' };

/** An optimizer by name, with PyTorch's options. */
export interface CurveOptimizer {
  type: 'sgd' | 'adam' | 'adamW';
  lr: number;
  momentum?: number;
  nesterov?: boolean;
  weightDecay?: number;
}

/** A float32 array with its shape. */
export interface CurveTensor {
  shape: number[];
  data: Float32Array;
}

/** All that one training run starts from. */
export interface CurveStart {
  layers: CurveLayer[];
  /** Initial weights by state_dict key of the sequential model: `0.weight`, `0.bias`, ... */
  stateDict: Record<string, CurveTensor>;
  /** Inputs of all samples, `[64, 1, 28, 28]` or `[64, 784]`. */
  x: CurveTensor;
  /** The class of each sample, 0 to 9. */
  y: { shape: number[]; data: Int32Array };
}

/** What PyTorch made of one optimizer. */
export interface Curve {
  optimizer: CurveOptimizer;
  /** Mean cross-entropy of each step's batch, before the step's update. */
  losses: number[];
  /**
   * Sum and sum of squares of each parameter after the last step. Positive and negative weights cancel in the sum:
   * judge its error relative to sqrt(count * sumOfSquares), not to itself.
   */
  final: Record<string, { sum: number; sumOfSquares: number }>;
}

/** The content of `fixtures/curves/<model>.json`. */
export interface CurveFixture {
  model: CurveModel;
  seed: number;
  samples: number;
  batchSize: number;
  steps: number;
  curves: Curve[];
}

/** How every curve is trained: batches in order without shuffling, starting over when the samples are used up. */
export const curveSettings = { seed: 22, samples: 64, batchSize: 16, steps: 20 } as const;

/** The optimizers of which each model has a curve. */
export const curveOptimizers: readonly CurveOptimizer[] = [
  { type: 'sgd', lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
  { type: 'adam', lr: 1e-3 },
  { type: 'adamW', lr: 1e-3, weightDecay: 0.01 },
];

const MODELS: Record<CurveModel, { sampleShape: number[]; layers: CurveLayer[] }> = {
  lenet: {
    sampleShape: [1, 28, 28],
    layers: [
      { type: 'conv2d', inChannels: 1, outChannels: 6, kernelSize: 5, padding: 2 },
      { type: 'relu' },
      { type: 'maxPool2d', kernelSize: 2 },
      { type: 'conv2d', inChannels: 6, outChannels: 16, kernelSize: 5 },
      { type: 'relu' },
      { type: 'maxPool2d', kernelSize: 2 },
      { type: 'flatten' },
      { type: 'linear', inFeatures: 400, outFeatures: 120 },
      { type: 'relu' },
      { type: 'linear', inFeatures: 120, outFeatures: 84 },
      { type: 'relu' },
      { type: 'linear', inFeatures: 84, outFeatures: 10 },
    ],
  },
  mlp: {
    sampleShape: [784],
    layers: [
      { type: 'linear', inFeatures: 784, outFeatures: 256 },
      { type: 'relu' },
      { type: 'linear', inFeatures: 256, outFeatures: 128 },
      { type: 'relu' },
      { type: 'linear', inFeatures: 128, outFeatures: 10 },
    ],
  },
};

/** Shapes of a layer's weight and bias and the number of inputs of one of its outputs; null without parameters. */
function parameters(layer: CurveLayer): { weight: number[]; bias: number[]; fanIn: number } | null {
  if (layer.type === 'conv2d') {
    const { inChannels, outChannels, kernelSize } = layer;
    const weight = [outChannels, inChannels, kernelSize, kernelSize];
    return { weight, bias: [outChannels], fanIn: inChannels * kernelSize ** 2 };
  }
  if (layer.type === 'linear') {
    const { inFeatures, outFeatures } = layer;
    return { weight: [outFeatures, inFeatures], bias: [outFeatures], fanIn: inFeatures };
  }
  return null;
}

function uniform(shape: number[], random: Random, low: number, high: number): CurveTensor {
  const count = shape.reduce((product, n) => product * n, 1);
  return { shape, data: Float32Array.from({ length: count }, () => random.uniform(low, high)) };
}

/**
 * Samples of 28 x 28 pixels that can be learned: the picture of their class, which is 7 x 7 blocks of 4 x 4 pixels
 * uniform in [-1, 1), plus noise uniform in [-0.5, 0.5) per pixel.
 */
function makeSamples(shape: number[], classes: Int32Array, seed: number): CurveTensor {
  const pictures = uniform([10, 7, 7], new Random(seed, 'pictures'), -1, 1).data;
  const x = uniform(shape, new Random(seed, 'noise'), -0.5, 0.5);
  for (let i = 0; i < x.data.length; i++) {
    const [sample, row, column] = [Math.floor(i / 784), Math.floor(i / 28) % 28, i % 28];
    x.data[i] += pictures[classes[sample] * 49 + Math.floor(row / 4) * 7 + Math.floor(column / 4)];
  }
  return x;
}

/**
 * Recreates what a curve starts from. Each parameter is drawn from the stream of `seed` named by its state_dict key,
 * uniform in +-1/sqrt(fan in) as PyTorch initializes; classes come from the stream `classes`, the picture of each
 * class and the noise of each sample from the streams `pictures` and `noise`.
 */
export function makeCurveStart(
  model: CurveModel,
  { seed, samples }: { seed: number; samples: number },
): CurveStart {
  const { layers, sampleShape } = MODELS[model];
  const stateDict: Record<string, CurveTensor> = {};
  for (const [i, layer] of layers.entries()) {
    const shapes = parameters(layer);
    if (!shapes) continue;
    const bound = 1 / Math.sqrt(shapes.fanIn);
    for (const name of ['weight', 'bias'] as const) {
      const key = `${i}.${name}`;
      stateDict[key] = uniform(shapes[name], new Random(seed, key), -bound, bound);
    }
  }
  const random = new Random(seed, 'classes');
  const classes = Int32Array.from({ length: samples }, () => random.integer(10));
  const x = makeSamples([samples, ...sampleShape], classes, seed);
  return { layers, stateDict, x, y: { shape: [samples], data: classes } };
}
