/** Augmented samples on the host, to look at. */
import { checkOptions, checkSeed } from '../../checks';
import type { AugmentSpec } from '../../data/augment/spec';
import { ArrayDataset } from '../../data/dataset';
import { hostTensor, type TensorData } from '../../data/host-tensor';
import { GradloomError, showValue } from '../../errors';
import type { Device } from '../../gpu/device';
import { Graph } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import { checkDevice } from '../arguments';
import type { Predicted } from '../predictor';
import { Augmenter, mixingOf, sourceOf } from './augmenter';
import { recordAugmented } from './batch';

export interface AugmentOptions {
  /** Seed and epoch of what is drawn: those of a `fit` give the images that it trains on. Default 0. */
  seed?: number;
  epoch?: number;
  /** Which samples, by their places in the data; a sample may come several times. Default all. */
  indices?: readonly number[];
  /** Whether the data's normalization (mean and std) is applied, as for training. Default false: images from 0 to 1. */
  normalized?: boolean;
}

/** Augmented samples `[n, ...]`, and their targets where the data has any. */
export interface Augmented {
  x: Predicted;
  y?: Predicted;
}

/**
 * The samples of a data set, or of a batch `[n, ...]`, as training with `augment` sees them. With mixup or cutmix class
 * indices become the probabilities of the classes.
 * @throws GradloomError as `Trainer.fit` does for an augmentation that is unknown or does not fit the samples.
 */
export async function augment(
  device: Device,
  data: ArrayDataset | TensorData,
  spec: AugmentSpec,
  options: AugmentOptions = {},
): Promise<Augmented> {
  checkDevice('augment', device);
  checkOptions('augment', options, ['seed', 'epoch', 'indices', 'normalized']);
  const { seed = 0, epoch = 0, normalized = false } = options;
  checkSeed('augment', seed);
  const isDataset = data instanceof ArrayDataset;
  const samples = isDataset ? data : datasetOf(data);
  const indices = Int32Array.from(options.indices ?? Array.from({ length: samples.length }, (_, i) => i));
  const bad = Array.from(options.indices ?? []).find(
    (i) => !Number.isInteger(i) || i < 0 || i >= samples.length,
  );
  if (bad !== undefined || indices.length === 0) {
    const got = bad === undefined ? 'none' : showValue(bad);
    const expected = `samples from 0 to ${samples.length - 1}`;
    throw new GradloomError({ code: 'argument', op: 'augment', argument: 'indices', got, expected });
  }
  const stages = new Augmenter(spec, 'crossEntropy').stagesFor(samples);
  const graph = new Graph();
  const { x, y, xShape, yShape, scale } = samples;
  const words = x instanceof Uint8Array ? wordsOf(x) : x;
  const still = { multiply: [1], add: [0] };
  const outputs = recordAugmented(
    graph,
    stages,
    {
      x: graph.constant(words, [words.length]),
      labels: graph.constant(y, [y.length]),
      order: graph.constant(indices, [indices.length]),
      ...sourceOf(samples),
      ...(normalized ? {} : { normalization: still }),
      scale,
      yShape,
    },
    { batchSize: indices.length, mixing: mixingOf(samples, stages, 'crossEntropy'), byStep: false, xShape },
  );
  const plan = await compile(device, graph, { outputs });
  try {
    plan.run({ seed, epoch });
    const [made, targets] = await Promise.all([plan.readTensor('x'), plan.readTensor('y')]);
    return isDataset ? { x: made, y: targets } : { x: made };
  } finally {
    plan.destroy();
  }
}

function datasetOf(batch: TensorData): ArrayDataset {
  const { shape, data } = hostTensor(batch, { op: 'augment', argument: 'data' });
  return ArrayDataset.fromArrays({
    x: Float32Array.from(data),
    xShape: shape.slice(1),
    y: new Float32Array(shape[0] ?? 0),
    name: 'batch',
  });
}

/** Bytes as the words that kernels read. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  return new Int32Array(padded.buffer);
}
