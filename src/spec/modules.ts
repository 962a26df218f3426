/** Every module that a model spec can name: its options as a schema, and how it is built. */
import { GradloomError, showValue } from '../errors';
import type { OpInfo } from '../graph/ir/op';
import * as nn from '../nn';
import type { Module } from '../nn/module';
import * as paddings from '../nn/padding';
import { ops } from '../ops/registry';
import * as z from '../schema';
import { modelTypes } from './models';
import { count, entry, type ModuleType } from './module-type';

const sizes = z.union([count, z.array(count)]);
const numbers = z.union([z.int().min(0), z.array(z.int().min(0))]);

const mapLayers = (layers: unknown[] | Record<string, unknown>, build: (spec: unknown) => Module) =>
  Object.fromEntries(Object.entries(layers).map(([name, layer]) => [name, build(layer)]));

/** Options of embedding and embeddingBag. */
const tableOptions = {
  numEmbeddings: count,
  embeddingDim: count,
  paddingIdx: z.int().nullable().default(null),
  maxNorm: z.number().positive().nullable().default(null),
  normType: z.number().default(2),
  scaleGradByFreq: z.boolean().default(false),
};

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

type ConvTransposeClass = typeof nn.ConvTranspose1d | typeof nn.ConvTranspose2d | typeof nn.ConvTranspose3d;
const convTranspose = (Class: ConvTransposeClass) =>
  entry(
    convOptions
      .omit({ padding: true })
      .extend({ padding: numbers.default(0), outputPadding: numbers.default(0) }),
    ({ inChannels, outChannels, kernelSize, ...rest }) =>
      new Class(inChannels, outChannels, kernelSize, rest),
  );

const channelNorm = (Class: typeof nn.BatchNorm | typeof nn.InstanceNorm, byDefault: boolean) =>
  entry(
    z.strictObject({
      numFeatures: count,
      eps: z.number().default(1e-5),
      momentum: z.number().default(0.1),
      affine: z.boolean().default(byDefault),
      trackRunningStats: z.boolean().default(byDefault),
    }),
    ({ numFeatures, ...rest }) => new Class(numFeatures, rest),
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

const transformerOptions = z.strictObject({
  dModel: count,
  nhead: count,
  dimFeedforward: count.default(2048),
  dropout: z.number().min(0).max(1).default(0.1),
  activation: z.enum(['relu', 'gelu']).default('relu'),
  layerNormEps: z.number().default(1e-5),
  batchFirst: z.boolean().default(false),
  normFirst: z.boolean().default(false),
  bias: z.boolean().default(true),
});

const SEQUENCE_LAYERS = [
  'rnn',
  'lstm',
  'gru',
  'transformerEncoderLayer',
  'transformerEncoder',
  'multiheadAttention',
];

/** Lengths and masks belong to the first dim of a batch. */
function checkBatchFirst(spec: unknown, index: number): void {
  const { type, batchFirst } = (spec ?? {}) as { type?: string; batchFirst?: unknown };
  if (!SEQUENCE_LAYERS.includes(type ?? '') || batchFirst === true) return;
  throw new GradloomError({
    code: 'spec',
    op: 'paddedSequence',
    argument: `layers[${index}].batchFirst`,
    got: showValue(batchFirst),
    expected: 'true',
  });
}

const lowerFirst = (name: string) => name[0].toLowerCase() + name.slice(1);

/** A layer that applies an op: its options are the op's attributes. */
function opLayer(info: OpInfo): ModuleType {
  const Class = info.module && (nn as Record<string, unknown>)[info.module.name];
  const create = Class
    ? (options: object) => new (Class as nn.OpModuleClass)(options)
    : (options: object) => new nn.OpModule({ info }, [], [options]);
  return { options: info.attrs, create };
}

/** Every op of one float tensor with one result is a layer, by its own name and by that of its module. */
const opLayers = Object.fromEntries(
  [...ops.values()].flatMap((info) => {
    const [x, ...others] = info.inputs;
    const [y, ...results] = info.outputs;
    const isLayer = !x.list && x.dtype !== 'i32' && !y.startsWith('...');
    // Optional tensors that attributes stand for, as the limits of clamp, or that are drawn.
    const isGiven = others.every(
      ({ name, optional }) => optional && (name in info.attrs.shape || name === 'randomSamples'),
    );
    if (!isLayer || !isGiven || results.length > 0) return [];
    const moduleName = info.module && lowerFirst(info.module.name);
    const names = [info.name, moduleName ?? info.name];
    const isOther = names[0].toLowerCase() !== names[1].toLowerCase();
    return names.slice(0, isOther ? 2 : 1).map((name) => [name, opLayer(info)] as const);
  }),
);

const padding = z.union([z.int(), z.array(z.int())]);
const pads = Object.fromEntries(
  Object.entries(paddings).map(([name, Class]) => {
    const layer = name.startsWith('Constant')
      ? entry(z.strictObject({ padding, value: z.number().default(0) }), (o) => new Class(o.padding, o.value))
      : entry(z.strictObject({ padding }), (o) => new (Class as typeof paddings.ZeroPad1d)(o.padding));
    return [lowerFirst(name), layer];
  }),
);

const upsampling = (Class: typeof nn.UpsamplingNearest2d | typeof nn.UpsamplingBilinear2d) =>
  entry(
    z.strictObject({
      size: sizes.optional(),
      scaleFactor: z.union([z.number(), z.array(z.number())]).optional(),
    }),
    (options) => new Class(options),
  );

/** Types by name; a spec may also use PyTorch's class names (`Conv2d`), because case does not matter. */
export const moduleTypes: Readonly<Record<string, ModuleType>> = {
  ...opLayers,
  ...pads,
  sequential: entry(
    // A list names the layers 0, 1, ...; an object names them by its keys, in their order.
    z.strictObject({ layers: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]) }),
    ({ layers }, build) => new nn.Sequential(mapLayers(layers, build)),
  ),
  residual: entry(
    z.strictObject({ body: z.unknown(), shortcut: z.unknown().optional() }),
    ({ body, shortcut }, build) => new nn.Residual(build(body), shortcut ? build(shortcut) : undefined),
  ),
  paddedSequence: entry(
    z.strictObject({
      layers: z.array(z.unknown()).min(1),
      padding: z.int().default(0),
      pool: z.enum(['none', 'mean']).default('none'),
    }),
    ({ layers, ...options }, build) => {
      layers.forEach(checkBatchFirst);
      return new nn.PaddedSequence(layers.map(build), options);
    },
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
  convTranspose3d: convTranspose(nn.ConvTranspose3d),
  batchNorm: channelNorm(nn.BatchNorm, true),
  batchNorm1d: channelNorm(nn.BatchNorm1d, true),
  batchNorm2d: channelNorm(nn.BatchNorm2d, true),
  batchNorm3d: channelNorm(nn.BatchNorm3d, true),
  instanceNorm: channelNorm(nn.InstanceNorm, false),
  instanceNorm1d: channelNorm(nn.InstanceNorm1d, false),
  instanceNorm2d: channelNorm(nn.InstanceNorm2d, false),
  instanceNorm3d: channelNorm(nn.InstanceNorm3d, false),
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
    z.strictObject(tableOptions),
    ({ numEmbeddings, embeddingDim, ...rest }) => new nn.Embedding(numEmbeddings, embeddingDim, rest),
  ),
  embeddingBag: entry(
    z.strictObject({ ...tableOptions, mode: z.enum(['sum', 'mean', 'max']).default('mean') }),
    ({ numEmbeddings, embeddingDim, ...rest }) => new nn.EmbeddingBag(numEmbeddings, embeddingDim, rest),
  ),
  lstm: recurrent(nn.LSTM),
  gru: recurrent(nn.GRU),
  rnn: entry(
    recurrentOptions.extend({ nonlinearity: z.enum(['tanh', 'relu']).default('tanh') }),
    ({ inputSize, hiddenSize, output, ...rest }) =>
      new nn.RecurrentLayer(new nn.RNN(inputSize, hiddenSize, rest), output, rest.bidirectional ? 2 : 1),
  ),
  transformerEncoderLayer: entry(
    transformerOptions,
    ({ dModel, nhead, ...rest }) => new nn.TransformerEncoderLayer(dModel, nhead, rest),
  ),
  transformerEncoder: entry(
    // A norm follows the last layer where the layers normalize first, as in torch.nn.Transformer.
    transformerOptions.extend({ numLayers: count, norm: z.boolean().optional() }),
    ({ dModel, nhead, numLayers, norm, ...rest }) => {
      const layers = Array.from(
        { length: numLayers },
        () => new nn.TransformerEncoderLayer(dModel, nhead, rest),
      );
      const last =
        (norm ?? rest.normFirst)
          ? new nn.LayerNorm(dModel, { eps: rest.layerNormEps, bias: rest.bias })
          : undefined;
      return new nn.TransformerEncoder(layers, last);
    },
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
  normalize: entry(
    z.strictObject({
      mean: z.union([z.number(), z.array(z.number()).min(1)]),
      std: z.union([z.number(), z.array(z.number()).min(1)]),
    }),
    (statistics) => new nn.Normalize(statistics),
  ),
  identity: entry(z.strictObject({}), () => new nn.Identity()),
  softmax2d: entry(z.strictObject({}), () => new nn.Softmax2d()),
  upsamplingNearest2d: upsampling(nn.UpsamplingNearest2d),
  upsamplingBilinear2d: upsampling(nn.UpsamplingBilinear2d),
  ...modelTypes,
};
