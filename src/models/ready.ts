/**
 * The ready models by name, as `gradloom summary` and docs/models.md list them. Specs only: this file needs no shaders,
 * so that the command line can read it.
 */
import type { ModelSpec } from './model-spec';

/** A model that has a name. */
export interface ReadyModel {
  spec: ModelSpec;
  /** Shape of one input, such as `[3, 224, 224]`; token models take token indices. */
  input: readonly number[];
  /** Where it comes from. */
  source: string;
}

const image = [3, 224, 224];
const [krizhevsky, vgg, szegedy, he] = [
  'Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks"',
  'Simonyan & Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image Recognition"',
  'Szegedy et al. 2014, "Going Deeper with Convolutions"',
  'He et al. 2015, "Deep Residual Learning for Image Recognition"',
];
const member: ModelSpec = { type: 'cnn', widths: [16, 32] };

/** Names of published networks are torchvision's. */
export const readyModels: Readonly<Record<string, ReadyModel>> = {
  mlp: { spec: { type: 'mlp' }, input: [1, 28, 28], source: 'Rumelhart, Hinton & Williams 1986' },
  lenet: {
    spec: { type: 'lenet' },
    input: [1, 28, 28],
    source: 'LeCun et al. 1998, "Gradient-based learning applied to document recognition"',
  },
  cnn: { spec: { type: 'cnn' }, input: [1, 28, 28], source: 'Ioffe & Szegedy 2015, "Batch Normalization"' },
  autoencoder: {
    spec: { type: 'autoencoder' },
    input: [1, 28, 28],
    source: 'Masci et al. 2011, "Stacked Convolutional Auto-Encoders"',
  },
  alexnet: { spec: { type: 'alexnet' }, input: image, source: krizhevsky },
  vgg11: { spec: { type: 'vgg', depth: 11 }, input: image, source: vgg },
  vgg11_bn: { spec: { type: 'vgg', depth: 11, batchNorm: true }, input: image, source: vgg },
  vgg16: { spec: { type: 'vgg', depth: 16 }, input: image, source: vgg },
  vgg16_bn: { spec: { type: 'vgg', depth: 16, batchNorm: true }, input: image, source: vgg },
  googlenet: { spec: { type: 'googlenet' }, input: image, source: szegedy },
  resnet18: { spec: { type: 'resnet', depth: 18 }, input: image, source: he },
  resnet34: { spec: { type: 'resnet', depth: 34 }, input: image, source: he },
  resnet50: { spec: { type: 'resnet', depth: 50 }, input: image, source: he },
  mobilenet_v1: {
    spec: { type: 'mobilenetV1' },
    input: image,
    source:
      'Howard et al. 2017, "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications"',
  },
  mobilenet_v2: {
    spec: { type: 'mobilenetV2' },
    input: image,
    source: 'Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks"',
  },
  lstm_regressor: {
    spec: { type: 'seriesRegressor', cell: 'lstm' },
    input: [16, 1],
    source: 'Hochreiter & Schmidhuber 1997, "Long Short-Term Memory"',
  },
  gru_regressor: {
    spec: { type: 'seriesRegressor', cell: 'gru' },
    input: [16, 1],
    source: 'Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder"',
  },
  bilstm_classifier: {
    spec: { type: 'bilstmClassifier', vocabSize: 64 },
    input: [32],
    source: 'Graves & Schmidhuber 2005, "Framewise phoneme classification with bidirectional LSTM"',
  },
  encoder_classifier: {
    spec: { type: 'encoderClassifier', vocabSize: 64 },
    input: [32],
    source: 'Vaswani et al. 2017, "Attention Is All You Need"',
  },
  conv_attention_lstm: {
    spec: { type: 'convAttentionLstm' },
    input: [1, 28, 28],
    source: 'convolutional features, self-attention, LSTM and dense layer in one',
  },
  ensemble: {
    spec: { type: 'ensemble', combine: 'softVoting', members: [member, member, member] },
    input: [1, 28, 28],
    source: 'Dietterich 2000, "Ensemble Methods in Machine Learning"; Wolpert 1992, "Stacked Generalization"',
  },
  char_lstm: {
    spec: { type: 'recurrentLM', vocabSize: 65 },
    input: [64],
    source: 'Graves 2013, "Generating Sequences With Recurrent Neural Networks"',
  },
  sequence_tagger: {
    spec: { type: 'sequenceTagger', vocabSize: 64, tags: 8 },
    input: [32],
    source: 'Graves 2012, "Supervised Sequence Labelling with Recurrent Neural Networks"',
  },
  seq2seq: {
    spec: { type: 'seq2seq', vocabSize: 32, sourceLength: 16 },
    input: [32],
    source: 'Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine Translation"',
  },
  gpt_nano: {
    spec: { type: 'gpt', vocabSize: 65, blockSize: 64, nLayer: 4, nHead: 4, nEmbd: 128 },
    input: [64],
    source: 'Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"',
  },
};
