/** Small models for sequences: regression on series, classification of token sequences, features of pictures in order. */
import { checkOptions } from '../checks';
import type { ModelSpec } from './model-spec';

/**
 * Spec of a regressor on windows of a series: `[N, T, features]` to `[N, outputs]` from the state after the last step.
 * Source: Hochreiter & Schmidhuber, "Long Short-Term Memory", 1997; Cho et al., "Learning Phrase Representations using
 * RNN Encoder-Decoder", 2014 (`cell: 'gru'`).
 */
export function seriesRegressorSpec({
  cell = 'lstm' as 'lstm' | 'gru',
  features = 1,
  hiddenSize = 32,
  numLayers = 1,
  outputs = 1,
  ...others
} = {}): ModelSpec {
  checkOptions('seriesRegressorSpec', others, ['cell', 'features', 'hiddenSize', 'numLayers', 'outputs']);
  return {
    type: 'sequential',
    layers: {
      recurrent: { type: cell, inputSize: features, hiddenSize, numLayers, batchFirst: true, output: 'last' },
      head: { type: 'linear', inFeatures: hiddenSize, outFeatures: outputs },
    },
  };
}

/**
 * Spec of a classifier of token sequences: embedding, bidirectional LSTM, dense, dropout: token indices `[N, T]` to
 * logits `[N, numClasses]`. Token 0 is padding.
 * Source: Graves & Schmidhuber, "Framewise phoneme classification with bidirectional LSTM", 2005.
 */
export function bilstmClassifierSpec({
  vocabSize = 64,
  embeddingDim = 32,
  hiddenSize = 32,
  dense = 32,
  numClasses = 2,
  dropout = 0.2,
  ...others
} = {}): ModelSpec {
  checkOptions('bilstmClassifierSpec', others, [
    'vocabSize',
    'embeddingDim',
    'hiddenSize',
    'dense',
    'numClasses',
    'dropout',
  ]);
  return {
    type: 'sequential',
    layers: {
      embedding: { type: 'embedding', numEmbeddings: vocabSize, embeddingDim, paddingIdx: 0 },
      lstm: {
        ...{ type: 'lstm', inputSize: embeddingDim, hiddenSize },
        ...{ batchFirst: true, bidirectional: true, output: 'last' },
      },
      dense: { type: 'linear', inFeatures: 2 * hiddenSize, outFeatures: dense },
      relu: { type: 'relu' },
      dropout: { type: 'dropout', p: dropout },
      classifier: { type: 'linear', inFeatures: dense, outFeatures: numClasses },
    },
  };
}

/**
 * Spec of a transformer encoder that classifies token sequences by the mean over their positions: token indices
 * `[N, T]` with T up to `maxLength` to logits `[N, numClasses]`. The encoder's names are those of
 * torch.nn.TransformerEncoder.
 * Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.1.
 */
export function encoderClassifierSpec({
  vocabSize = 64,
  maxLength = 64,
  dModel = 64,
  nhead = 4,
  numLayers = 2,
  dimFeedforward = 128,
  numClasses = 2,
  dropout = 0.1,
  ...others
} = {}): ModelSpec {
  checkOptions('encoderClassifierSpec', others, [
    'vocabSize',
    'maxLength',
    'dModel',
    'nhead',
    'numLayers',
    'dimFeedforward',
    'numClasses',
    'dropout',
  ]);
  const layer = {
    ...{ type: 'transformerEncoderLayer', dModel, nhead, dimFeedforward, dropout },
    ...{ batchFirst: true, normFirst: true, activation: 'gelu' },
  };
  return {
    type: 'sequential',
    layers: {
      embedding: { type: 'embedding', numEmbeddings: vocabSize, embeddingDim: dModel },
      positions: { type: 'learnedPositions', maxLength, dim: dModel },
      encoder: {
        type: 'sequential',
        layers: {
          layers: new Array<ModelSpec>(numLayers).fill(layer),
          norm: { type: 'layerNorm', normalizedShape: dModel },
        },
      },
      mean: { type: 'mean', dim: 1 },
      classifier: { type: 'linear', inFeatures: dModel, outFeatures: numClasses },
    },
  };
}

/**
 * Spec of a picture classifier of many parts: convolutional features of `[N, channels, H, W]` are a sequence of
 * positions, self-attention over them is joined to the features themselves, an LSTM reads the sequence, and a dense
 * layer gives logits `[N, numClasses]`.
 */
export function convAttentionLstmSpec({
  channels = 1,
  width = 16,
  nhead = 2,
  hiddenSize = 32,
  numClasses = 10,
  ...others
} = {}): ModelSpec {
  checkOptions('convAttentionLstmSpec', others, ['channels', 'width', 'nhead', 'hiddenSize', 'numClasses']);
  return {
    type: 'sequential',
    layers: {
      features: [
        { type: 'conv2d', inChannels: channels, outChannels: width, kernelSize: 3, stride: 2, padding: 1 },
        { type: 'batchNorm2d', numFeatures: width },
        { type: 'relu' },
        { type: 'conv2d', inChannels: width, outChannels: width, kernelSize: 3, stride: 2, padding: 1 },
        { type: 'relu' },
        { type: 'maxPool2d', kernelSize: 2 },
      ],
      // [N, C, H, W] to [N, H * W, C].
      positions: [
        { type: 'flatten', startDim: 2 },
        { type: 'transpose', dim0: 1, dim1: 2 },
      ],
      attention: {
        type: 'concat',
        dim: 2,
        branches: [
          { type: 'identity' },
          { type: 'multiheadAttention', embedDim: width, numHeads: nhead, batchFirst: true },
        ],
      },
      lstm: { type: 'lstm', inputSize: 2 * width, hiddenSize, batchFirst: true, output: 'last' },
      classifier: { type: 'linear', inFeatures: hiddenSize, outFeatures: numClasses },
    },
  };
}
