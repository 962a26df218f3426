/** Every module that a model spec can name: its options as a zod schema, and how it is built. */
import { z } from 'zod';
import type { OpInfo } from '../graph/ir/op';
import * as nn from '../nn';
import type { Module } from '../nn/module';
import * as ops from '../ops';
import { modelTypes } from './models';
import { count, entry, type ModuleType } from './module-type';

const sizes = z.union([count, z.array(count)]);
const numbers = z.union([z.int().min(0), z.array(z.int().min(0))]);

const mapLayers = (layers: unknown[] | Record<string, unknown>, build: (spec: unknown) => Module) =>
  Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, build(layer)]));

const convOptions = z.strictObject({
  inChannels: count,
  outChannels: count,
  kernelSize: sizes,
  stride: sizes.default(1),
  padding: z.union([numbers, z.enum(['same', 'valid'])]).default(0),
  dilation: sizes.default(1),
  groups: count.default(1),
  bias: z.boolean().default(true),
});
type ConvClass = typeof nn.Conv1d | typeof nn.Conv2d | typeof nn.Conv3d;
const conv = (Class: ConvClass) =>
  entry(
    convOptions,
    ({ inChannels, outChannels, kernelSize, ...rest }) =>
      new Class(inChannels, outChannels, kernelSize, rest),
  );

type ConvTransposeClass = typeof nn.ConvTranspose1d | typeof nn.ConvTranspose2d;
const convTranspose = (Class: ConvTransposeClass) =>
  entry(
    convOptions
      .omit({ padding: true })
      .extend({ padding: numbers.default(0), outputPadding: numbers.default(0) }),
    ({ inChannels, outChannels, kernelSize, ...rest }) =>
      new Class(inChannels, outChannels, kernelSize, rest),
  );

const batchNorm = entry(
  z.strictObject({
    numFeatures: count,
    eps: z.number().default(1e-5),
    momentum: z.number().default(0.1),
    affine: z.boolean().default(true),
    trackRunningStats: z.boolean().default(true),
  }),
  ({ numFeatures, ...rest }) => new nn.BatchNorm(numFeatures, rest),
);
const instanceNorm = entry(
  z.strictObject({
    numFeatures: count,
    eps: z.number().default(1e-5),
    momentum: z.number().default(0.1),
    affine: z.boolean().default(false),
    trackRunningStats: z.boolean().default(false),
  }),
  ({ numFeatures, ...rest }) => new nn.InstanceNorm(numFeatures, rest),
);

const recurrentOptions = z.strictObject({
  inputSize: count,
  hiddenSize: count,
  numLayers: count.default(1),
  bias: z.boolean().default(true),
  batchFirst: z.boolean().default(false),
  bidirectional: z.boolean().default(false),
  dropout: z.number().min(0).max(1).default(0),
  recurrentDropout: z.number().min(0).max(1).default(0),
  /** What the next layer gets: the outputs of all steps, or the last state `[N, features]`. */
  output: z.enum(['sequence', 'last']).default('sequence'),
});
const recurrent = (Class: typeof nn.LSTM | typeof nn.GRU) =>
  entry(recurrentOptions, ({ inputSize, hiddenSize, output, ...rest }) => {
    return new nn.RecurrentLayer(new Class(inputSize, hiddenSize, rest), output, rest.bidirectional ? 2 : 1);
  });

/** A layer that applies an op: its options are the op's attributes. */
const op = ({ info }: { info: OpInfo }, Class: nn.OpModuleClass = nn.opModule({ info })): ModuleType => ({
  options: info.attrs,
  create: (options) => new Class(options),
});

/** Types by name; a spec may also use PyTorch's class names (`Conv2d`), because case does not matter. */
export const moduleTypes: Readonly<Record<string, ModuleType>> = {
  sequential: entry(
    // A list names the layers 0, 1, ...; an object names them by its keys, in their order.
    z.strictObject({ layers: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]) }),
    ({ layers }, build) => new nn.Sequential(mapLayers(layers, build)),
  ),
  residual: entry(
    z.strictObject({ body: z.unknown(), shortcut: z.unknown().optional() }),
    ({ body, shortcut }, build) => new nn.Residual(build(body), shortcut ? build(shortcut) : undefined),
  ),
  concat: entry(
    z.strictObject({ branches: z.array(z.unknown()).min(1), dim: z.int().default(1) }),
    ({ branches, dim }, build) => new nn.Concat(branches.map(build), { dim }),
  ),
  linear: entry(
    z.strictObject({ inFeatures: count, outFeatures: count, bias: z.boolean().default(true) }),
    ({ inFeatures, outFeatures, bias }) => new nn.Linear(inFeatures, outFeatures, { bias }),
  ),
  conv1d: conv(nn.Conv1d),
  conv2d: conv(nn.Conv2d),
  conv3d: conv(nn.Conv3d),
  convTranspose1d: convTranspose(nn.ConvTranspose1d),
  convTranspose2d: convTranspose(nn.ConvTranspose2d),
  batchNorm,
  batchNorm1d: batchNorm,
  batchNorm2d: batchNorm,
  batchNorm3d: batchNorm,
  instanceNorm1d: instanceNorm,
  instanceNorm2d: instanceNorm,
  instanceNorm3d: instanceNorm,
  layerNorm: entry(
    z.strictObject({
      normalizedShape: sizes,
      eps: z.number().default(1e-5),
      elementwiseAffine: z.boolean().default(true),
      bias: z.boolean().default(true),
    }),
    ({ normalizedShape, ...rest }) => new nn.LayerNorm(normalizedShape, rest),
  ),
  rmsNorm: entry(
    z.strictObject({
      normalizedShape: sizes,
      eps: z.number().nullable().default(null),
      elementwiseAffine: z.boolean().default(true),
    }),
    ({ normalizedShape, ...rest }) => new nn.RMSNorm(normalizedShape, rest),
  ),
  groupNorm: entry(
    z.strictObject({
      numGroups: count,
      numChannels: count,
      eps: z.number().default(1e-5),
      affine: z.boolean().default(true),
    }),
    ({ numGroups, numChannels, ...rest }) => new nn.GroupNorm(numGroups, numChannels, rest),
  ),
  embedding: entry(
    z.strictObject({
      numEmbeddings: count,
      embeddingDim: count,
      paddingIdx: z.int().nullable().default(null),
    }),
    ({ numEmbeddings, embeddingDim, ...rest }) => new nn.Embedding(numEmbeddings, embeddingDim, rest),
  ),
  lstm: recurrent(nn.LSTM),
  gru: recurrent(nn.GRU),
  rnn: entry(
    recurrentOptions.extend({ nonlinearity: z.enum(['tanh', 'relu']).default('tanh') }),
    ({ inputSize, hiddenSize, output, ...rest }) =>
      new nn.RecurrentLayer(new nn.RNN(inputSize, hiddenSize, rest), output, rest.bidirectional ? 2 : 1),
  ),
  transformerEncoderLayer: entry(
    z.strictObject({
      dModel: count,
      nhead: count,
      dimFeedforward: count.default(2048),
      dropout: z.number().min(0).max(1).default(0.1),
      activation: z.enum(['relu', 'gelu']).default('relu'),
      layerNormEps: z.number().default(1e-5),
      batchFirst: z.boolean().default(false),
      normFirst: z.boolean().default(false),
      bias: z.boolean().default(true),
    }),
    ({ dModel, nhead, ...rest }) => new nn.TransformerEncoderLayer(dModel, nhead, rest),
  ),
  multiheadAttention: entry(
    z.strictObject({
      embedDim: count,
      numHeads: count,
      dropout: z.number().min(0).max(1).default(0),
      bias: z.boolean().default(true),
      batchFirst: z.boolean().default(false),
      addBiasKv: z.boolean().default(false),
      addZeroAttn: z.boolean().default(false),
    }),
    ({ embedDim, numHeads, ...rest }) => new nn.MultiheadAttention(embedDim, numHeads, rest),
  ),
  learnedPositions: entry(
    z.strictObject({ maxLength: count, dim: count }),
    ({ maxLength, dim }) => new nn.LearnedPositions(maxLength, dim),
  ),
  sinusoidalPositions: entry(z.strictObject({}), () => new nn.SinusoidalPositions()),
  prelu: entry(
    z.strictObject({ numParameters: count.default(1), init: z.number().default(0.25) }),
    ({ numParameters, init }) => new nn.PReLU(numParameters, { init }),
  ),
  flatten: entry(
    z.strictObject({ startDim: z.int().default(1), endDim: z.int().default(-1) }),
    ({ startDim, endDim }) => new nn.Flatten(startDim, endDim),
  ),
  identity: entry(z.strictObject({}), () => new nn.Identity()),
  ...modelTypes,
  ...Object.fromEntries(
    [
      ops.relu,
      ops.relu6,
      ops.leakyRelu,
      ops.elu,
      ops.selu,
      ops.celu,
      ops.gelu,
      ops.silu,
      ops.mish,
      ops.softplus,
      ops.softsign,
      ops.hardsigmoid,
      ops.hardswish,
      ops.hardtanh,
      ops.sigmoid,
      ops.tanh,
      ops.logsigmoid,
      ops.softmax,
      ops.logSoftmax,
      ops.glu,
      ops.swiglu,
      ops.maxPool1d,
      ops.maxPool2d,
      ops.maxPool3d,
      ops.avgPool1d,
      ops.avgPool2d,
      ops.avgPool3d,
      ops.adaptiveAvgPool1d,
      ops.adaptiveAvgPool2d,
      ops.adaptiveMaxPool1d,
      ops.adaptiveMaxPool2d,
      ops.globalAvgPool,
      ops.globalMaxPool,
      ops.interpolate,
      ops.pixelShuffle,
      ops.pixelUnshuffle,
      ops.dropout,
      ops.dropout1d,
      ops.dropout2d,
      ops.alphaDropout,
      ops.stochasticDepth,
      ops.localResponseNorm,
      ops.unflatten,
      ops.reshape,
      ops.permute,
      ops.transpose,
      ops.pad,
      ops.mean,
      ops.sum,
      ops.select,
      ops.squeeze,
      ops.unsqueeze,
    ].map((callable) => [callable.info.name, op(callable)]),
  ),
};
