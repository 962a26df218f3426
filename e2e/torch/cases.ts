/** Runs that go to PyTorch and back: every ready model in a small size, and nets that together hold every module of `nn`. */
import { ArrayDataset } from '../../src/data/dataset';
import { TokenWindows } from '../../src/data/text/windows';
import type { Module } from '../../src/nn/module';
import { Random } from '../../src/random';
import { fromSpec } from '../../src/spec';
import type { TrainerOptions, TrainingData } from '../../src/train/types';

export interface Case {
  model(): Module;
  data: TrainingData;
  options?: Partial<TrainerOptions>;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** Samples: 38, so that the last batch of 8 is smaller. */
const LENGTH = 38;

export function floats(xShape: readonly number[], yShape: readonly number[] = [], classes = 3): ArrayDataset {
  const random = new Random(11, `x ${xShape}`);
  const x = new Float32Array(LENGTH * sizeOf(xShape));
  random.fillUniform(x, -1, 1);
  const y = Int32Array.from({ length: LENGTH * sizeOf(yShape) }, () => random.integer(classes));
  return ArrayDataset.fromArrays({ x, y, xShape, yShape, classCount: classes });
}

export function numbers(xShape: readonly number[], yShape: readonly number[] = []): ArrayDataset {
  const random = new Random(12, `x ${xShape}`);
  const x = new Float32Array(LENGTH * sizeOf(xShape));
  const y = new Float32Array(LENGTH * sizeOf(yShape));
  random.fillUniform(x, -1, 1);
  random.fillUniform(y, 0, 1);
  return ArrayDataset.fromArrays({ x, y, xShape, yShape });
}

/** Token sequences, padded with 0 at the end. */
export function tokens(
  length: number,
  vocabulary: number,
  yShape: readonly number[] = [],
  classes = 2,
): ArrayDataset {
  const random = new Random(13);
  const x = new Float32Array(LENGTH * length);
  for (let i = 0; i < LENGTH; i++) {
    const filled = 2 + random.integer(length - 1);
    for (let t = 0; t < filled; t++) x[i * length + t] = 1 + random.integer(vocabulary - 1);
  }
  const y = Int32Array.from({ length: LENGTH * sizeOf(yShape) }, () => random.integer(classes));
  return ArrayDataset.fromArrays({ x, y, xShape: [length], yShape, classCount: classes });
}

function windows(blockSize: number, vocabSize: number): TokenWindows {
  const random = new Random(14);
  const text = Int32Array.from({ length: LENGTH + blockSize }, () => random.integer(vocabSize));
  return new TokenWindows(text, { blockSize, vocabSize });
}

const bytes = (): ArrayDataset => {
  const random = new Random(15);
  const x = Uint8Array.from({ length: LENGTH * 784 }, () => random.integer(256));
  const y = Int32Array.from({ length: LENGTH }, () => random.integer(10));
  return ArrayDataset.fromArrays({ x, y, xShape: [1, 28, 28], mean: 0.3, std: 0.4 });
};

/**
 * Images of waves, another one for each sample and channel: of noise deep layers make nearly the same for all samples, and batch
 * norm then divides by next to nothing.
 */
function image(size: number, channels = 3): ArrayDataset {
  const random = new Random(16);
  const x = new Float32Array(LENGTH * channels * size * size);
  for (let plane = 0; plane < LENGTH * channels; plane++) {
    const [a, b, c, d] = [
      random.uniform(-2, 2),
      random.uniform(-1, 1),
      random.uniform(-1, 1),
      random.uniform(0, 6),
    ];
    for (let i = 0; i < size * size; i++)
      x[plane * size * size + i] = a + Math.sin(b * (i % size) + c * Math.floor(i / size) + d);
  }
  const y = Int32Array.from({ length: LENGTH }, () => random.integer(3));
  return ArrayDataset.fromArrays({ x, y, xShape: [channels, size, size], classCount: 3 });
}

const small = { numClasses: 3, width: 4 };
/**
 * For deep and narrow nets with batch norm: their gradients are so large and ill-conditioned that rounding grows tenfold and
 * more with each step of an ordinary size (two runs here that differ in one bit part as fast), so that theirs are small.
 */
const sgd: Case['options'] = { optimizer: { type: 'sgd', lr: 1e-7, momentum: 0.9 }, clip: { maxNorm: 1 } };
const spec = (model: unknown, data: TrainingData, options?: Case['options']): Case => ({
  model: () => fromSpec(model as never),
  data,
  options,
});
const member = { type: 'cnn', widths: [4], numClasses: 3 };
const ensemble = (combine: string, more: object = {}) =>
  spec({ type: 'ensemble', combine, members: [member, { ...member, widths: [3] }], ...more }, image(12, 1));

/** Dropout is off: it draws other numbers in PyTorch. */
export const readyCases: Record<string, Case> = {
  mlp: spec({ type: 'mlp', hidden: [16, 8], numClasses: 10 }, bytes()),
  lenet: spec({ type: 'lenet' }, bytes()),
  cnn: spec({ type: 'cnn', widths: [4, 6], numClasses: 3 }, image(12, 1)),
  autoencoder: spec({ type: 'autoencoder', widths: [4, 6] }, numbers([1, 12, 12], [1, 12, 12]), {
    loss: 'mse',
  }),
  alexnet: spec({ type: 'alexnet', ...small, dropout: 0 }, image(64)),
  vgg11: spec({ type: 'vgg', depth: 11, ...small, dropout: 0 }, image(32)),
  vgg11_bn: spec({ type: 'vgg', depth: 11, batchNorm: true, ...small, dropout: 0 }, image(32)),
  vgg16: spec({ type: 'vgg', depth: 16, ...small, dropout: 0 }, image(32)),
  vgg16_bn: spec({ type: 'vgg', depth: 16, batchNorm: true, ...small, dropout: 0 }, image(32), sgd),
  googlenet: spec(
    { type: 'googlenet', ...small, width: 8, smallImages: true, dropout: 0, dropoutAux: 0 },
    image(32),
    sgd,
  ),
  resnet18: spec({ type: 'resnet', depth: 18, ...small, smallImages: true }, image(16)),
  resnet34: spec({ type: 'resnet', depth: 34, ...small, smallImages: true }, image(16), sgd),
  resnet50: spec({ type: 'resnet', depth: 50, ...small, smallImages: true }, image(16), sgd),
  mobilenet_v1: spec(
    { type: 'mobilenetV1', numClasses: 3, widthMult: 0.25, smallImages: true },
    image(16),
    sgd,
  ),
  mobilenet_v2: spec(
    { type: 'mobilenetV2', numClasses: 3, widthMult: 0.1, smallImages: true, dropout: 0 },
    image(16),
    sgd,
  ),
  lstm_regressor: spec(
    { type: 'seriesRegressor', hiddenSize: 6, features: 2, numLayers: 2 },
    numbers([7, 2], [1]),
    { loss: 'mse' },
  ),
  gru_regressor: spec({ type: 'seriesRegressor', cell: 'gru', hiddenSize: 6 }, numbers([7, 1]), {
    loss: 'huber',
  }),
  bilstm_classifier: spec(
    { type: 'bilstmClassifier', vocabSize: 9, embeddingDim: 4, hiddenSize: 5, dense: 6, dropout: 0 },
    tokens(6, 9),
  ),
  encoder_classifier: spec(
    {
      type: 'encoderClassifier',
      vocabSize: 9,
      maxLength: 8,
      dModel: 8,
      nhead: 2,
      numLayers: 2,
      dimFeedforward: 12,
      dropout: 0,
    },
    tokens(6, 9),
  ),
  conv_attention_lstm: spec(
    { type: 'convAttentionLstm', width: 4, hiddenSize: 5, numClasses: 3 },
    image(12, 1),
  ),
  ensemble_average: ensemble('average'),
  ensemble_soft_voting: ensemble('softVoting'),
  ensemble_hard_voting: ensemble('hardVoting'),
  ensemble_stacking: ensemble('stacking', { head: { type: 'linear', inFeatures: 6, outFeatures: 3 } }),
  char_lstm: spec(
    { type: 'recurrentLM', vocabSize: 7, embeddingDim: 4, hiddenSize: 6, numLayers: 2 },
    windows(5, 7),
  ),
  char_rnn: spec(
    { type: 'recurrentLM', cell: 'rnn', vocabSize: 7, embeddingDim: 4, hiddenSize: 6 },
    windows(5, 7),
  ),
  sequence_tagger: spec(
    { type: 'sequenceTagger', vocabSize: 9, tags: 4, embeddingDim: 4, hiddenSize: 5 },
    tokens(6, 9, [6], 4),
  ),
  seq2seq: spec(
    { type: 'seq2seq', vocabSize: 9, sourceLength: 6, embeddingDim: 4, hiddenSize: 5 },
    tokens(10, 9, [4], 9),
  ),
  gpt_nano: spec({ type: 'gpt', vocabSize: 7, blockSize: 6, nLayer: 2, nHead: 2, nEmbd: 8 }, windows(6, 7)),
};
