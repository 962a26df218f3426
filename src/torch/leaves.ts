/** Modules that torch.nn has: how they are constructed, and called where that is not `module(x)`. */
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import * as nn from '../nn';
import type { Module } from '../nn/module';
import { OpModule } from '../nn/op-module';
import { RecurrentLayer } from '../nn/recurrent';
import { ops } from '../ops/registry';
import { type Constructor, construct } from './constructor';
import type { PairedApplication } from './paired-trace';
import { snake } from './python';
import { type Application, type TracedCall, tensorsIn } from './trace';

/** How a module of torch.nn is called. */
export interface LeafCall {
  /** Arguments in brackets, given how tensors are called. */
  text(x: (tensor: Tensor) => string): string;
  outputs: Tensor[];
  /** How the outputs are unpacked, given their names. */
  targets(names: string[]): string;
}

export interface Leaf {
  constructor_: Constructor;
  /** How it is called; `module(x)` unless given. */
  call?(application: Application): LeafCall;
}

/** Classes of `nn` that PyTorch has not, or not in all versions from 1.13. */
const MISSING = new Set(
  (
    'SwiGLU GlobalAvgPool GlobalMaxPool Reshape Permute StochasticDepth LPPool3d ChannelShuffle Hinge SquaredHinge ' +
    'CategoricalHinge LogCosh RMSNorm ZeroPad1d ZeroPad3d CircularPad1d CircularPad2d CircularPad3d'
  ).split(' '),
);

type Attrs = Record<string, any>;

/** A number for a list of equal ones. */
const even = (value: unknown): unknown =>
  Array.isArray(value) && value.length > 0 && value.every((item) => item === value[0]) ? value[0] : value;

/** A value unless it is the standard. */
const other = (value: unknown, standard: unknown): unknown => {
  const given = even(value);
  return given === standard || given === null || given === undefined ? undefined : given;
};

const shapeOf = (call: TracedCall, name: string): readonly number[] => call.inputs[name].shape;
const hasBias = (call: TracedCall) => (call.inputs.bias === undefined ? false : undefined);

function conv(type: string, call: TracedCall): Constructor {
  const { attrs } = call;
  const [out, perGroup, ...kernel] = shapeOf(call, 'weight');
  const isTransposed = type.includes('Transpose');
  const [inChannels, outChannels] = isTransposed
    ? [out, perGroup * attrs.groups]
    : [perGroup * attrs.groups, out];
  return construct(
    `nn.${type}`,
    { inChannels, outChannels, kernelSize: even(kernel) },
    {
      stride: other(attrs.stride, 1),
      padding: other(attrs.padding, 0),
      outputPadding: isTransposed ? other(attrs.outputPadding, 0) : undefined,
      dilation: other(attrs.dilation, 1),
      groups: other(attrs.groups, 1),
      bias: hasBias(call),
    },
  );
}

/** BatchNorm and InstanceNorm of any rank get that of their input. */
function channelNorm(type: string, call: TracedCall, isAffineByDefault: boolean): Constructor | undefined {
  const { attrs, inputs } = call;
  const rank = inputs.x.rank;
  const ranks: Record<number, string> = { 2: '1d', 3: '1d', 4: '2d', 5: '3d' };
  const name = /\dd$/.test(type) ? type : ranks[rank] && `${type}${ranks[rank]}`;
  if (!name || (rank === 2 && type.startsWith('Instance'))) return undefined;
  const [affine, tracks] = [inputs.weight !== undefined, inputs.runningMean !== undefined];
  return construct(
    `nn.${name}`,
    { numFeatures: inputs.x.shape[1] },
    {
      eps: other(attrs.eps, 1e-5),
      momentum: other(attrs.momentum, 0.1),
      affine: affine === isAffineByDefault ? undefined : affine,
      trackRunningStats: tracks === isAffineByDefault ? undefined : tracks,
    },
  );
}

/** Options of embeddings. */
const lookup = ({ paddingIdx, maxNorm, normType, scaleGradByFreq }: Attrs) => ({
  paddingIdx: paddingIdx ?? undefined,
  maxNorm: maxNorm ?? undefined,
  normType: other(normType, 2),
  scaleGradByFreq: other(scaleGradByFreq, false),
});

/** Constructors from the one call that a module makes. */
const ONE_CALL: Record<string, (call: TracedCall, type: string) => Constructor | undefined> = {
  Linear: (call) => {
    const [outFeatures, inFeatures] = shapeOf(call, 'weight');
    return construct('nn.Linear', { inFeatures, outFeatures }, { bias: hasBias(call) });
  },
  Bilinear: (call) => {
    const [outFeatures, in1Features, in2Features] = shapeOf(call, 'weight');
    return construct('nn.Bilinear', { in1Features, in2Features, outFeatures }, { bias: hasBias(call) });
  },
  ...Object.fromEntries(
    [1, 2, 3].flatMap((rank) =>
      ['Conv', 'ConvTranspose'].map((kind) => [
        `${kind}${rank}d`,
        (call: TracedCall, type: string) => conv(type, call),
      ]),
    ),
  ),
  ...Object.fromEntries(
    ['', '1d', '2d', '3d'].flatMap((rank) => [
      [`BatchNorm${rank}`, (call: TracedCall, type: string) => channelNorm(type, call, true)],
      [`InstanceNorm${rank}`, (call: TracedCall, type: string) => channelNorm(type, call, false)],
    ]),
  ),
  LayerNorm: ({ attrs, inputs }) =>
    // A layer norm without bias is younger than PyTorch 1.13.
    inputs.weight && !inputs.bias
      ? undefined
      : construct(
          'nn.LayerNorm',
          {
            normalizedShape:
              attrs.normalizedShape.length === 1 ? attrs.normalizedShape[0] : attrs.normalizedShape,
          },
          { eps: other(attrs.eps, 1e-5), elementwiseAffine: inputs.weight ? undefined : false },
        ),
  GroupNorm: ({ attrs, inputs }) =>
    construct(
      'nn.GroupNorm',
      { numGroups: attrs.numGroups, numChannels: inputs.x.shape[1] },
      { eps: other(attrs.eps, 1e-5), affine: inputs.weight ? undefined : false },
    ),
  Embedding: (call) => {
    const [numEmbeddings, embeddingDim] = shapeOf(call, 'weight');
    return construct('nn.Embedding', { numEmbeddings, embeddingDim }, lookup(call.attrs));
  },
  EmbeddingBag: (call) => {
    const [numEmbeddings, embeddingDim] = shapeOf(call, 'weight');
    const { mode, includeLastOffset } = call.attrs;
    return construct(
      'nn.EmbeddingBag',
      { numEmbeddings, embeddingDim },
      {
        ...lookup(call.attrs),
        mode: other(mode, 'mean'),
        includeLastOffset: other(includeLastOffset, false),
      },
    );
  },
  PReLU: (call) => {
    const [numParameters] = shapeOf(call, 'weight');
    return construct('nn.PReLU', { numParameters: other(numParameters, 1) });
  },
  Flatten: ({ attrs: { startDim, endDim } }) =>
    construct('nn.Flatten', startDim === 1 && endDim === -1 ? {} : { startDim, endDim: other(endDim, -1) }),
  Softmax2d: () => construct('nn.Softmax2d', {}),
  UpsamplingNearest2d: ({ attrs }) => upsampling('UpsamplingNearest2d', attrs),
  UpsamplingBilinear2d: ({ attrs }) => upsampling('UpsamplingBilinear2d', attrs),
  ...Object.fromEntries(
    ['Constant', 'Zero', 'Reflection', 'Replication', 'Circular'].flatMap((kind) =>
      [1, 2, 3].map((rank) => [
        `${kind}Pad${rank}d`,
        ({ attrs }: TracedCall, type: string) =>
          construct(`nn.${type}`, {
            padding: even(attrs.pad),
            value: kind === 'Constant' ? attrs.value : undefined,
          }),
      ]),
    ),
  ),
};

const upsampling = (type: string, { size, scaleFactor }: Attrs) =>
  construct(`nn.${type}`, {}, { size: other(size, null), scaleFactor: other(scaleFactor, null) });

/** A module of one op, from its attributes. */
function opModule(call: TracedCall, type: string): Constructor | undefined {
  const info = ops.get(call.op);
  if (
    !info?.module ||
    (call.op.startsWith('avgPool') && [call.attrs.dilation ?? 1].flat().some((d: number) => d !== 1))
  )
    return undefined;
  if (call.op === 'hardsigmoid' && (Math.abs(call.attrs.alpha - 1 / 6) > 1e-12 || call.attrs.beta !== 0.5))
    return undefined;
  if (Object.keys(call.inputs).some((name) => name === 'randomSamples' && call.inputs[name]))
    return undefined;
  const always = ['softmax', 'softmin', 'logSoftmax', 'glu'].includes(call.op) ? ['dim'] : [];
  const given = Object.entries(call.attrs as Attrs).filter(([name, value]) => {
    if (always.includes(name)) return true;
    const standard = info.attrs.shape[name].safeParse(undefined);
    return (
      value !== undefined &&
      !(standard.success && JSON.stringify(standard.data) === JSON.stringify(value)) &&
      value !== null
    );
  });
  const positional: Record<string, unknown> = {};
  const keywords: Record<string, unknown> = Object.fromEntries(
    given.map(([name, value]) => [name, name === 'sizes' ? value : even(value)]),
  );
  for (const name of info.module.positional) {
    if (!(name in keywords)) break;
    positional[name] = keywords[name];
    delete keywords[name];
  }
  return construct(`nn.${type}`, positional, keywords);
}

/** The constructor of nn.LSTM, GRU and RNN from the call of the op. */
export function recurrentConstructor({ op, inputs, attrs }: TracedCall): Constructor | undefined {
  if (attrs.recurrentDropout > 0) return undefined;
  return construct(
    `nn.${op.toUpperCase()}`,
    { inputSize: inputs.weightIhL0.shape[1], hiddenSize: attrs.hiddenSize },
    {
      numLayers: other(attrs.numLayers, 1),
      nonlinearity: other(attrs.nonlinearity, 'tanh'),
      bias: other(attrs.bias, true),
      batchFirst: other(attrs.batchFirst, false),
      dropout: other(attrs.dropout, 0),
      bidirectional: other(attrs.bidirectional, false),
      projSize: other(attrs.projSize, 0),
    },
  );
}

/** Arguments and outputs of nn.LSTM, GRU and RNN. */
export function recurrentCall({ op, inputs, outputs }: TracedCall): LeafCall {
  const isLstm = op === 'lstm';
  return {
    text(x) {
      const { h0, c0 } = inputs;
      if (!h0 && !c0) return `(${x(inputs.x)})`;
      const zeros = (state: Tensor) => `torch.zeros_like(${x(state)})`;
      const [h, c] = [h0 ? x(h0) : zeros(c0), isLstm && (c0 ? x(c0) : zeros(h0))];
      return isLstm ? `(${x(inputs.x)}, (${h}, ${c}))` : `(${x(inputs.x)}, ${h})`;
    },
    outputs: isLstm ? [outputs.y, outputs.hn, outputs.cn] : [outputs.y, outputs.hn],
    targets: ([y, hn, cn]) => (isLstm ? `${y}, (${hn}, ${cn})` : `${y}, ${hn}`),
  };
}

function recurrent(application: Application): Leaf | undefined {
  const [call, ...more] = application.items;
  if (call?.kind !== 'call' || more.length > 0 || call.inputs.lengths) return undefined;
  // A projected state may have another size than c0.
  if (call.attrs.projSize && (call.inputs.h0 === undefined) !== (call.inputs.c0 === undefined))
    return undefined;
  const made = recurrentConstructor(call);
  return made && { constructor_: made, call: (of) => recurrentCall(of.items[0] as TracedCall) };
}

/** nn.LSTMCell and the like. */
function cell(application: Application, typeName: string): Leaf | undefined {
  const { module } = application;
  const { weightIh, biasIh } = module as unknown as { weightIh: Variable; biasIh?: Variable };
  const call = application.items.find((item) => item.kind === 'call' && /^(lstm|gru|rnn)$/.test(item.op));
  if (!weightIh || call?.kind !== 'call') return undefined;
  const isLstm = typeName === 'LSTMCell';
  const { nonlinearity } = call.attrs;
  const made = construct(
    `nn.${typeName}`,
    { inputSize: weightIh.shape[1], hiddenSize: call.attrs.hiddenSize },
    { bias: biasIh ? undefined : false, nonlinearity: other(nonlinearity, 'tanh') },
  );
  return {
    constructor_: made,
    call(of) {
      const [x, h, c] = of.args as (Tensor | undefined)[];
      const outputs = [...tensorsIn(of.output)].map(([, tensor]) => tensor);
      return {
        text(name) {
          if (!h && !c) return `(${name(x!)})`;
          const zeros = `torch.zeros_like(${name((h ?? c)!)})`;
          const states = [h ? name(h) : zeros, c ? name(c) : zeros];
          return isLstm ? `(${name(x!)}, (${states.join(', ')}))` : `(${name(x!)}, ${states[0]})`;
        },
        outputs,
        targets: (names) => names.join(', '),
      };
    },
  };
}

/** The class of `nn` whose `forward` a module has. Names are those of the exports: minifiers rename classes. */
function classNameOf(module: Module): string | undefined {
  if (module instanceof RecurrentLayer) return undefined;
  if (module instanceof OpModule) return module.typeName;
  for (let at = Object.getPrototypeOf(module); at; at = Object.getPrototypeOf(at)) {
    const found = Object.entries(nn).find(([, value]) => value === at.constructor);
    if (found) return found[0];
    if (Object.hasOwn(at, 'forward')) return undefined;
  }
  return undefined;
}

/** Whether all variables that a call reads are the module's own, under the names that torch.nn has. */
function readsOwn(module: Module, call: TracedCall): boolean {
  const own = new Map([...module.namedVariables()].map(([name, variable]) => [variable, name]));
  return (
    Object.entries(call.inputs).every(([name, tensor]) => {
      const leaf = (tensor as Tensor | undefined)?.storage?.leaf;
      if (leaf?.kind === 'constant') return false;
      return leaf?.kind !== 'variable' || own.get(leaf.variable) === snake(name);
    }) &&
    [...own].every(([variable]) =>
      Object.values(call.inputs).some(
        (tensor) =>
          (tensor as Tensor | undefined)?.storage?.leaf?.kind === 'variable' &&
          ((tensor as Tensor).storage.leaf as { variable: Variable }).variable === variable,
      ),
    )
  );
}

/**
 * The module of torch.nn that does what an application did, if there is one.
 * @param paired one application of the module, in training where there is one
 */
export function leafOf(paired: PairedApplication): Leaf | undefined {
  const application = paired.first;
  const { module, items } = application;
  const typeName = classNameOf(module);
  if (typeName === undefined || MISSING.has(typeName)) return undefined;
  if (typeName === 'Identity' && items.length === 0) return { constructor_: construct('nn.Identity', {}) };
  if (/^(LSTM|GRU|RNN)$/.test(typeName)) return recurrent(application);
  if (/^(LSTM|GRU|RNN)Cell$/.test(typeName)) return cell(application, typeName);
  const [call, ...more] = items;
  if (call?.kind !== 'call' || more.length > 0 || !readsOwn(module, call)) return undefined;
  const made = module instanceof OpModule ? opModule(call, typeName) : ONE_CALL[typeName]?.(call, typeName);
  if (!made || hasSized(paired)) return undefined;
  const outputs = Object.values(call.outputs);
  if (module instanceof OpModule && outputs.length > 1) {
    const text = (x: (tensor: Tensor) => string, of: TracedCall) =>
      `(${Object.values(of.inputs)
        .filter(Boolean)
        .map((tensor) => x(tensor as Tensor))
        .join(', ')})`;
    return {
      constructor_: made,
      call: (of) => {
        const inner = of.items[0] as TracedCall;
        return {
          text: (x) => text(x, inner),
          outputs: Object.values(inner.outputs),
          targets: (names) => names.join(', '),
        };
      },
    };
  }
  return { constructor_: made };
}

/** Whether attributes follow the batch size. */
const hasSized = ({ first, second }: PairedApplication): boolean =>
  JSON.stringify((first.items[0] as TracedCall).attrs) !==
  JSON.stringify((second.items[0] as TracedCall).attrs);
