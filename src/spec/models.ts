/** The ready models that a spec can name, such as `{ "type": "vgg", "depth": 16, "numClasses": 10 }`. */
import * as models from '../models';
import * as z from '../schema';
import { count, entry, type ModuleType } from './module-type';

const probability = z.number().min(0).max(1);
const widths = z.array(count).min(1);

/** Options of all image classifiers; `width` scales all layers (64 when published). */
const image = {
  width: count.optional(),
  channels: count.default(3),
  numClasses: count.default(1000),
  smallImages: z.boolean().default(false),
};
const { width: _, ...mobile } = { ...image, widthMult: z.number().positive().default(1) };

/** Models by type name. */
export const modelTypes: Readonly<Record<string, ModuleType>> = {
  lenet: entry(
    z.strictObject({ channels: count.default(1), numClasses: count.default(10) }),
    (options, build) => build(models.lenetSpec(options)),
  ),
  mlp: entry(
    z.strictObject({
      inFeatures: count.default(784),
      hidden: z.array(count).default([256, 128]),
      numClasses: count.default(10),
    }),
    (options, build) => build(models.mlpSpec(options)),
  ),
  cnn: entry(
    z.strictObject({
      widths: widths.default([32, 64, 128]),
      channels: count.default(1),
      numClasses: count.default(10),
      dropout: probability.default(0),
    }),
    (options, build) => build(models.cnnSpec(options)),
  ),
  autoencoder: entry(
    z.strictObject({ widths: widths.default([16, 32]), channels: count.default(1) }),
    (options, build) => build(models.autoencoderSpec(options)),
  ),
  alexnet: entry(
    z.strictObject({ ...image, dropout: probability.default(0.5) }),
    (options) => new models.AlexNet(options),
  ),
  vgg: entry(
    z.strictObject({
      ...image,
      depth: z.literal([11, 13, 16, 19]).default(11),
      batchNorm: z.boolean().default(false),
      dropout: probability.default(0.5),
    }),
    (options) => new models.VGG(options),
  ),
  googlenet: entry(
    z.strictObject({
      ...image,
      auxLogits: z.boolean().default(true),
      dropout: probability.default(0.2),
      dropoutAux: probability.default(0.7),
    }),
    (options) => new models.GoogLeNet(options),
  ),
  resnet: entry(
    z.strictObject({
      ...image,
      depth: z.literal([18, 34, 50, 101, 152]).optional(),
      block: z.enum(['basic', 'bottleneck']).optional(),
      layers: widths.optional(),
    }),
    (options) => new models.ResNet(options),
  ),
  mobilenetV1: entry(z.strictObject(mobile), (options, build) => build(models.mobilenetV1Spec(options))),
  mobilenetV2: entry(
    z.strictObject({ ...mobile, dropout: probability.default(0.2) }),
    (options) => new models.MobileNetV2(options),
  ),
  seriesRegressor: entry(
    z.strictObject({
      cell: z.enum(['lstm', 'gru']).default('lstm'),
      features: count.default(1),
      hiddenSize: count.default(32),
      numLayers: count.default(1),
      outputs: count.default(1),
    }),
    (options, build) => build(models.seriesRegressorSpec(options)),
  ),
  bilstmClassifier: entry(
    z.strictObject({
      vocabSize: count,
      embeddingDim: count.default(32),
      hiddenSize: count.default(32),
      dense: count.default(32),
      numClasses: count.default(2),
      dropout: probability.default(0.2),
    }),
    (options, build) => build(models.bilstmClassifierSpec(options)),
  ),
  encoderClassifier: entry(
    z.strictObject({
      vocabSize: count,
      maxLength: count.default(64),
      dModel: count.default(64),
      nhead: count.default(4),
      numLayers: count.default(2),
      dimFeedforward: count.default(128),
      numClasses: count.default(2),
      dropout: probability.default(0.1),
    }),
    (options, build) => build(models.encoderClassifierSpec(options)),
  ),
  convAttentionLstm: entry(
    z.strictObject({
      channels: count.default(1),
      width: count.default(16),
      nhead: count.default(2),
      hiddenSize: count.default(32),
      numClasses: count.default(10),
    }),
    (options, build) => build(models.convAttentionLstmSpec(options)),
  ),
  ensemble: entry(
    z.strictObject({
      members: z.array(z.unknown()).min(1),
      combine: z.enum(['average', 'softVoting', 'hardVoting', 'stacking']).default('average'),
      head: z.unknown().optional(),
    }),
    ({ members, combine, head }, build) =>
      new models.Ensemble(members.map(build), {
        combine,
        head: head === undefined ? undefined : build(head),
      }),
  ),
  gpt: entry(
    z.strictObject({
      vocabSize: count,
      blockSize: count,
      nLayer: count.default(2),
      nHead: count.default(4),
      nEmbd: count.default(64),
      dropout: probability.default(0),
      bias: z.boolean().default(true),
      tied: z.boolean().default(true),
      gelu: z.enum(['none', 'tanh']).default('none'),
    }),
    (options) => new models.GPT(options),
  ),
  recurrentLM: entry(
    z.strictObject({
      vocabSize: count,
      cell: z.enum(['rnn', 'lstm', 'gru']).default('lstm'),
      embeddingDim: count.default(32),
      hiddenSize: count.default(128),
      numLayers: count.default(1),
      dropout: probability.default(0),
    }),
    (options) => new models.RecurrentLM(options),
  ),
  sequenceTagger: entry(
    z.strictObject({
      vocabSize: count,
      tags: count,
      cell: z.enum(['rnn', 'lstm', 'gru']).default('lstm'),
      embeddingDim: count.default(32),
      hiddenSize: count.default(64),
      numLayers: count.default(1),
      dropout: probability.default(0),
    }),
    (options) => new models.SequenceTagger(options),
  ),
  seq2seq: entry(
    z.strictObject({
      vocabSize: count,
      sourceLength: count,
      embeddingDim: count.default(32),
      hiddenSize: count.default(64),
      dropout: probability.default(0),
    }),
    (options) => new models.Seq2Seq(options),
  ),
};
