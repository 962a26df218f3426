/** Elementwise ops and activations as PyTorch's functions. */
import {
  at,
  functionCall,
  keyword,
  Level,
  literal,
  method,
  named,
  type PythonCall,
  type Rule,
  type Rules,
} from './call';

const operator =
  (sign: string, level: Level): Rule =>
  (call) =>
    at(level, `${call.x('x', level)} ${sign} ${call.x('other', level + 1)}`);

const comparison =
  (sign: string): Rule =>
  (call) =>
    at(Level.Comparison, `${call.x('x', Level.Sum)} ${sign} ${call.x('other', Level.Sum)}`);

/** x + alpha other. */
const scaledSum =
  (sign: string): Rule =>
  (call) => {
    const alpha = call.attr<number>('alpha') ?? 1;
    const other =
      alpha === 1 ? call.x('other', Level.Product) : `${literal(alpha)} * ${call.x('other', Level.Power)}`;
    return at(Level.Sum, `${call.x('x', Level.Sum)} ${sign} ${other}`);
  };

/** A function of two tensors, which takes no numbers. */
const ofTensors =
  (name: string): Rule =>
  (call) =>
    `${name}(${call.tensor('x', 'other')}, ${call.tensor('other', 'x')})`;

const logical =
  (name: string): Rule =>
  (call) =>
    `torch.logical_${name}(${call.x('x', undefined, 'mask')}, ${call.x('other', undefined, 'mask')})`;

function clamp(call: PythonCall): string {
  const limit = (name: string) => {
    if (call.has(name)) return `${name}=${call.x(name)}`;
    const given = call.attr(name);
    return given === null || given === undefined ? undefined : `${name}=${literal(given)}`;
  };
  return method(call, 'clamp', limit('min'), limit('max'));
}

const CASTS: Record<string, string> = { f32: 'float()', f16: 'half()', i32: 'long()', bool: 'bool()' };

/** Names of types that casts take. */
const TYPES: Record<string, string> = {
  float32: 'f32',
  float16: 'f16',
  int32: 'i32',
  float: 'f32',
  half: 'f16',
  int: 'i32',
};

export const elementwiseRules: Rules = {
  ...named(
    'torch',
    `relu sigmoid tanh selu atanh deg2rad frac isfinite isneginf isposinf log10 rad2deg sinc asinh acosh exp2 erfc erfinv
     digamma lgamma signbit exp log log1p expm1 log2 sqrt rsqrt square reciprocal sin cos tan asin acos atan sinh cosh erf
     sign floor ceil trunc isnan isinf neg abs logit addcdiv addcmul`,
  ),
  ...named(
    'F',
    `leakyRelu elu celu gelu silu mish softsign hardswish hardtanh relu6 logsigmoid tanhshrink softshrink hardshrink softplus`,
  ),
  ...Object.fromEntries(
    [
      'copysign',
      'fmax',
      'fmin',
      'logaddexp',
      'logaddexp2',
      'xlogy',
      'minimum',
      'maximum',
      'atan2',
      'hypot',
    ].map((name) => [name, ofTensors(`torch.${name}`)]),
  ),
  xlog1py: ofTensors('torch.special.xlog1py'),
  threshold: (c) => `F.threshold(${c.x('x')}, ${literal(c.attr('threshold'))}, ${literal(c.attr('value'))})`,
  hardsigmoid: (c) =>
    Math.abs(c.attr<number>('alpha') - 1 / 6) < 1e-12 && c.attr('beta') === 0.5
      ? `F.hardsigmoid(${c.x('x')})`
      : `(${literal(c.attr('alpha'))} * ${c.x('x', Level.Power)} + ${literal(c.attr('beta'))}).clamp(0, 1)`,
  glu: (c) => `F.glu(${c.x('x')}, dim=${literal(c.attr('dim'))})`,
  swiglu: (c) => `${c.helper('swiglu')}(${c.x('x')}, ${literal(c.attr('dim'))})`,
  prelu: (c) => `F.prelu(${c.x('x')}, ${c.x('weight')})`,
  softmax: (c) => `F.softmax(${c.x('x')}, dim=${literal(c.attr('dim'))})`,
  softmin: (c) => `F.softmin(${c.x('x')}, dim=${literal(c.attr('dim'))})`,
  logSoftmax: (c) => `F.log_softmax(${c.x('x')}, dim=${literal(c.attr('dim'))})`,
  clamp,
  clampMin: clamp,
  clampMax: clamp,
  add: scaledSum('+'),
  sub: scaledSum('-'),
  mul: operator('*', Level.Product),
  div: (c) => {
    const mode = c.attr('roundingMode');
    if (mode) return `torch.div(${c.x('x')}, ${c.x('other')}, rounding_mode=${literal(mode)})`;
    return operator('/', Level.Product)(c);
  },
  floorDivide: (c) => `torch.div(${c.x('x')}, ${c.x('other')}, rounding_mode="floor")`,
  pow: (c) => `torch.pow(${c.x('x')}, ${c.x('other')})`,
  floatPower: (c) => `torch.pow(${c.x('x')}, ${c.x('exponent')})`,
  fmod: (c) => `torch.fmod(${c.x('x')}, ${c.x('other')})`,
  remainder: (c) => `torch.remainder(${c.x('x')}, ${c.x('other')})`,
  eq: comparison('=='),
  ne: comparison('!='),
  lt: comparison('<'),
  le: comparison('<='),
  gt: comparison('>'),
  ge: comparison('>='),
  logicalAnd: logical('and'),
  logicalOr: logical('or'),
  logicalXor: logical('xor'),
  logicalNot: (c) => `torch.logical_not(${c.x('x', undefined, 'mask')})`,
  isclose: (c) => functionCall(c, 'torch.isclose'),
  lerp: (c) => `torch.lerp(${c.tensor('x')}, ${c.tensor('end', 'x')}, ${c.x('weight')})`,
  nanToNum: (c) =>
    `torch.nan_to_num(${[
      c.x('x'),
      ...['nan', 'posinf', 'neginf'].map((name) => keyword(c, name, name === 'nan' ? 0 : null)),
    ]
      .filter(Boolean)
      .join(', ')})`,
  round: (c) => `torch.round(${[c.x('x'), keyword(c, 'decimals', 0)].filter(Boolean).join(', ')})`,
  where: (c) =>
    `torch.where(${c.x('condition', undefined, 'mask')}${isMask(c) ? '' : ' != 0'}, ${c.tensor('x', 'other')}, ${c.tensor('other', 'x')})`,
  cast: (c) => {
    const type = c.attr<string>('dtype');
    return method(c, CASTS[TYPES[type] ?? type].replace('()', ''));
  },
  asIndex: (c) => method(c, 'long'),
  convert: (c) => method(c, c.outputType('y') === 'f16' ? 'half' : 'float'),
  identity: (c) => c.x('x', Level.Atom, 'mask'),
  detach: (c) => method(c, 'detach'),
  dropout: (c) => dropout(c, 'F.dropout'),
  dropout1d: (c) => dropout(c, 'F.dropout1d'),
  dropout2d: (c) => dropout(c, 'F.dropout2d'),
  dropout3d: (c) => dropout(c, 'F.dropout3d'),
  featureAlphaDropout: (c) => dropout(c, 'F.feature_alpha_dropout'),
  rrelu: (c) =>
    `F.rrelu(${c.x('x')}, ${literal(c.attr('lower'))}, ${literal(c.attr('upper'))}, training=self.training)`,
  gumbelSoftmax: (c) => functionCall(c, 'F.gumbel_softmax'),
  i0: (c) => `torch.i0(${c.x('x')})`,
  i1: (c) => `torch.special.i1(${c.x('x')})`,
  alphaDropout: (c) => dropout(c, 'F.alpha_dropout'),
  stochasticDepth: (c) =>
    `${c.helper('stochastic_depth')}(${c.x('x')}, ${literal(c.attr('p'))}, ${literal(c.attr('mode'))}, self.training)`,
};

const isMask = (c: PythonCall) => c.tensorOf('condition').dtype === 'bool';

function dropout(c: PythonCall, name: string): string {
  const training = c.attr<boolean | undefined>('training');
  return `${name}(${c.x('x')}, ${literal(c.attr('p'))}, training=${training === undefined ? 'self.training' : literal(training)})`;
}
