/** Convolutions, pooling, resampling, attention and recurrent layers as PyTorch's functions. */
import { keyword, literal, type PythonCall, type Rule, type Rules, value } from './call';

const joined = (name: string, args: readonly (string | undefined | false | null)[]) =>
  `${name}(${args.filter(Boolean).join(', ')})`;

/** A number where all entries are the same, else a tuple. */
const perDim = (given: unknown): string =>
  Array.isArray(given) && given.length > 0 && given.every((item) => item === given[0])
    ? literal(given[0])
    : literal(given);

const spread = (c: PythonCall, name: string, keywordName: string, standard: unknown): string | undefined => {
  const given = c.attr(name);
  if (given === undefined || given === null) return undefined;
  const text = perDim(given);
  return text === literal(standard) ? undefined : `${keywordName}=${text}`;
};

const conv =
  (name: string): Rule =>
  (c) =>
    joined(name, [
      c.x('x'),
      c.x('weight'),
      c.has('bias') && c.x('bias'),
      spread(c, 'stride', 'stride', 1),
      spread(c, 'padding', 'padding', 0),
      spread(c, 'outputPadding', 'output_padding', 0),
      spread(c, 'dilation', 'dilation', 1),
      keyword(c, 'groups', 1),
    ]);

const withIndices = (c: PythonCall, text: string) =>
  c.attr('returnIndices') ? { text, outputs: ['y', 'indices'] } : text;

const maxPool =
  (name: string): Rule =>
  (c) =>
    withIndices(
      c,
      joined(name, [
        c.x('x'),
        perDim(c.attr('kernelSize')),
        spread(c, 'stride', 'stride', null),
        spread(c, 'padding', 'padding', 0),
        spread(c, 'dilation', 'dilation', 1),
        keyword(c, 'ceilMode', false),
        keyword(c, 'returnIndices', false),
      ]),
    );

const avgPool =
  (name: string): Rule =>
  (c) => {
    const dilation = c.attr('dilation');
    if ([dilation ?? 1].flat().some((d) => d !== 1)) {
      return joined(c.helper('dilated_avg_pool2d'), [
        c.x('x'),
        literal(c.attr('kernelSize')),
        literal(c.attr('stride') ?? c.attr('kernelSize')),
        literal(c.attr('padding')),
        literal(dilation),
        literal(c.attr('countIncludePad')),
      ]);
    }
    return joined(name, [
      c.x('x'),
      perDim(c.attr('kernelSize')),
      spread(c, 'stride', 'stride', null),
      spread(c, 'padding', 'padding', 0),
      keyword(c, 'ceilMode', false),
      keyword(c, 'countIncludePad', true),
      keyword(c, 'divisorOverride', null),
    ]);
  };

const adaptive =
  (name: string): Rule =>
  (c) =>
    withIndices(
      c,
      joined(name, [c.x('x'), perDim(c.attr('outputSize')), keyword(c, 'returnIndices', false)]),
    );

const lpPool =
  (name: (c: PythonCall) => string): Rule =>
  (c) =>
    joined(name(c), [
      c.x('x'),
      `float(${value(c, 'normType')})`,
      perDim(c.attr('kernelSize')),
      spread(c, 'stride', 'stride', null),
      keyword(c, 'ceilMode', false),
    ]);

const unpool =
  (name: string): Rule =>
  (c) => {
    const size = c.attr<unknown[] | null | undefined>('outputSize');
    return joined(name, [
      c.x('x'),
      c.x('indices'),
      perDim(c.attr('kernelSize')),
      spread(c, 'stride', 'stride', null),
      spread(c, 'padding', 'padding', 0),
      size && `output_size=${literal(size)}`,
    ]);
  };

const fractional =
  (name: string): Rule =>
  (c) =>
    withIndices(
      c,
      joined(name, [
        c.x('x'),
        perDim(c.attr('kernelSize')),
        keyword(c, 'outputSize', null),
        keyword(c, 'outputRatio', null),
        keyword(c, 'returnIndices', false),
        c.has('randomSamples') && `_random_samples=${c.x('randomSamples')}`,
      ]),
    );

const windows = (c: PythonCall) => [
  perDim(c.attr('kernelSize')),
  spread(c, 'dilation', 'dilation', 1),
  spread(c, 'padding', 'padding', 0),
  spread(c, 'stride', 'stride', 1),
];

const spatialDims = (c: PythonCall) =>
  literal(
    c
      .shape('x')
      .map((_, i) => i)
      .slice(2),
  );

function interpolate(c: PythonCall): string {
  const mode = c.attr<string>('mode');
  const aligned = /linear|cubic/.test(mode)
    ? `align_corners=${literal(c.attr('alignCorners') ?? false)}`
    : undefined;
  const sizes = [spread(c, 'size', 'size', null), spread(c, 'scaleFactor', 'scale_factor', null)];
  const more = [
    mode !== 'nearest' && `mode=${literal(mode)}`,
    aligned,
    keyword(c, 'recomputeScaleFactor', null),
    keyword(c, 'antialias', false),
  ];
  return joined('F.interpolate', [c.x('x'), ...sizes, ...more]);
}

function attention(c: PythonCall): ReturnType<Rule> {
  const p = c.attr<number>('dropoutP');
  const text = joined(c.helper('scaled_dot_product_attention'), [
    c.x('query'),
    c.x('key'),
    c.x('value'),
    c.has('attnMask') && `mask=${c.x('attnMask', undefined, 'mask')}`,
    keyword(c, 'isCausal', false),
    p > 0 && `dropout=${literal(p)} if self.training else 0.0`,
    keyword(c, 'scale', null),
    keyword(c, 'enableGqa', false),
    c.attr('needWeights') === true && 'need_weights=True',
  ]);
  return c.attr('needWeights') ? { text, outputs: ['y', 'weights'] } : text;
}

/** Attention on projections that lie side by side in one tensor. */
function projectedAttention(c: PythonCall): string {
  const p = c.attr<number>('dropoutP') ?? 0;
  return joined(c.helper('multi_head_attention'), [
    c.x('query'),
    c.has('key') && c.x('key'),
    c.has('value') && c.x('value'),
    `heads=${value(c, 'heads')}`,
    keyword(c, 'batchFirst', true),
    c.has('attnMask') && `mask=${c.x('attnMask', undefined, 'mask')}`,
    c.attr('isCausal') === true && 'is_causal=True',
    p > 0 && `dropout=${literal(p)} if self.training else 0.0`,
  ]);
}

/** Weights of a recurrent op in the order in which PyTorch's functions take them. */
function recurrentWeights(c: PythonCall): string[] {
  const directions = c.attr('bidirectional') ? ['', 'Reverse'] : [''];
  const names = [
    'weightIh',
    'weightHh',
    ...(c.attr('bias') ? ['biasIh', 'biasHh'] : []),
    ...(c.attr('projSize') ? ['weightHr'] : []),
  ];
  const layers = Array.from({ length: c.attr<number>('numLayers') }, (_, layer) => layer);
  return layers.flatMap((layer) =>
    directions.flatMap((direction) => names.map((name) => c.x(`${name}L${layer}${direction}`))),
  );
}

const recurrent =
  (kind: string, outputs: string[]): Rule =>
  (c) => {
    const states = ['h0', 'c0'].filter((name) => c.has(name)).map((name) => `${name}=${c.x(name)}`);
    return {
      text: joined(c.helper('recurrent'), [
        literal(kind === 'rnn' ? `rnn_${c.attr('nonlinearity')}` : kind),
        c.x('x'),
        `[${recurrentWeights(c).join(', ')}]`,
        value(c, 'hiddenSize'),
        ...states,
        c.has('lengths') && `lengths=${c.x('lengths')}`,
        keyword(c, 'numLayers', 1),
        keyword(c, 'bias', true),
        keyword(c, 'bidirectional', false),
        keyword(c, 'batchFirst', false),
        keyword(c, 'projSize', 0) ?? undefined,
        c.attr<number>('dropout') > 0 && `dropout=${value(c, 'dropout')} if self.training else 0.0`,
      ]),
      outputs,
    };
  };

const cell =
  (name: (c: PythonCall) => string, states: string[]): Rule =>
  (c) => {
    const hx = states.map((state) => c.x(state));
    const weights = ['weightIh', 'weightHh', 'biasIh', 'biasHh']
      .filter((name) => c.has(name))
      .map((name) => c.x(name));
    const text = joined(name(c), [c.x('x'), hx.length > 1 ? `(${hx.join(', ')})` : hx[0], ...weights]);
    return states.length > 1 ? { text, outputs: ['hn', 'cn'] } : { text: `(${text},)`, outputs: ['hn'] };
  };

export const spatialRules: Rules = {
  conv1d: conv('F.conv1d'),
  conv2d: conv('F.conv2d'),
  conv3d: conv('F.conv3d'),
  convTranspose1d: conv('F.conv_transpose1d'),
  convTranspose2d: conv('F.conv_transpose2d'),
  convTranspose3d: conv('F.conv_transpose3d'),
  unfold: (c) => joined('F.unfold', [c.x('x'), ...windows(c)]),
  fold: (c) => joined('F.fold', [c.x('x'), perDim(c.attr('outputSize')), ...windows(c)]),
  maxPool1d: maxPool('F.max_pool1d'),
  maxPool2d: maxPool('F.max_pool2d'),
  maxPool3d: maxPool('F.max_pool3d'),
  avgPool1d: avgPool('F.avg_pool1d'),
  avgPool2d: avgPool('F.avg_pool2d'),
  avgPool3d: avgPool('F.avg_pool3d'),
  lpPool1d: lpPool(() => 'F.lp_pool1d'),
  lpPool2d: lpPool(() => 'F.lp_pool2d'),
  lpPool3d: lpPool((c) => c.helper('lp_pool3d')),
  maxUnpool1d: unpool('F.max_unpool1d'),
  maxUnpool2d: unpool('F.max_unpool2d'),
  maxUnpool3d: unpool('F.max_unpool3d'),
  fractionalMaxPool2d: fractional('F.fractional_max_pool2d'),
  fractionalMaxPool3d: fractional('F.fractional_max_pool3d'),
  adaptiveAvgPool1d: adaptive('F.adaptive_avg_pool1d'),
  adaptiveAvgPool2d: adaptive('F.adaptive_avg_pool2d'),
  adaptiveAvgPool3d: adaptive('F.adaptive_avg_pool3d'),
  adaptiveMaxPool1d: adaptive('F.adaptive_max_pool1d'),
  adaptiveMaxPool2d: adaptive('F.adaptive_max_pool2d'),
  adaptiveMaxPool3d: adaptive('F.adaptive_max_pool3d'),
  globalAvgPool: (c) => `torch.mean(${c.x('x')}, dim=${spatialDims(c)}, keepdim=True)`,
  globalMaxPool: (c) => `torch.amax(${c.x('x')}, dim=${spatialDims(c)}, keepdim=True)`,
  interpolate,
  pixelShuffle: (c) => `F.pixel_shuffle(${c.x('x')}, ${value(c, 'upscaleFactor')})`,
  pixelUnshuffle: (c) => `F.pixel_unshuffle(${c.x('x')}, ${value(c, 'downscaleFactor')})`,
  gridSample: (c) =>
    joined('F.grid_sample', [
      c.x('x'),
      c.x('grid'),
      keyword(c, 'mode', 'bilinear'),
      keyword(c, 'paddingMode', 'zeros'),
      `align_corners=${literal(c.attr('alignCorners') ?? false)}`,
    ]),
  affineGrid: (c) =>
    `F.affine_grid(${c.x('theta')}, ${value(c, 'size')}, align_corners=${literal(c.attr('alignCorners') ?? false)})`,
  scaledDotProductAttention: attention,
  projectedAttention,
  lstm: recurrent('lstm', ['y', 'hn', 'cn']),
  gru: recurrent('gru', ['y', 'hn']),
  rnn: recurrent('rnn', ['y', 'hn']),
  lstmCell: cell(() => 'torch.lstm_cell', ['h', 'c']),
  gruCell: cell(() => 'torch.gru_cell', ['h']),
  rnnCell: cell((c) => `torch.rnn_${c.attr('nonlinearity')}_cell`, ['h']),
};
