/** The activation functions that work element by element, with one input. */
import backward from '../../../shaders/activation/activation.backward.wgsl';
import forward from '../../../shaders/activation/activation.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import { activation as constants } from '../../kernels/constants.generated';
import * as z from '../../schema';
import { noAttrs } from '../common';
import { add, div, gt, le, lt, mul, sub } from '../elementwise/binary';
import { clampBetween as clamp } from '../elementwise/clamp';
import { definePointwise, type Pointwise } from '../elementwise/pointwise';
import { scale } from '../elementwise/scale';
import { abs, exp, neg, square } from '../elementwise/unary';
import { where } from '../elementwise/where';
import { expBelow, geluSlope, geluTanhSlope, outside, within } from './slopes';

/** The page of torch.nn.functional about a function. */
const functional = (torchName: string) =>
  `https://pytorch.org/docs/stable/generated/torch.nn.functional.${torchName}.html`;

type Declaration<A extends z.ObjectSchema> = Omit<Pointwise<A>, 'source' | 'gradient'> & {
  torchName?: string;
  gradient?: 'x' | 'y';
};

function activation<A extends z.ObjectSchema>({ torchName, gradient = 'x', ...rest }: Declaration<A>) {
  return definePointwise({ ...rest, gradient, source: functional(torchName ?? rest.name) });
}

function mishSlope(x: Tensor): Tensor {
  const gate = tanh(softplus(x));
  return add(gate, mul(mul(x, sub(1, square(gate))), sigmoid(x)));
}

/** max(x, 0). */
export const relu = activation({
  name: 'relu',
  kernels: [forward.relu, backward.relu],
  module: 'ReLU',
  doc: 'y = max(x, 0).',
  attrs: noAttrs,
  gradient: 'y',
  slope: (y, dy) => where(le(y, 0), 0, dy),
});

/** A small slope below 0. */
export const leakyRelu = activation({
  name: 'leakyRelu',
  kernels: [forward.leakyRelu, backward.leakyRelu],
  module: { name: 'LeakyReLU', positional: ['negativeSlope'] },
  torchName: 'leaky_relu',
  doc: 'y = x above 0, else negativeSlope * x.',
  attrs: z.strictObject({ negativeSlope: z.number().default(0.01) }),
  params: ({ negativeSlope }) => ({ a: negativeSlope }),
  slope: (x, dy, { negativeSlope }) => where(gt(x, 0), dy, scale(dy, negativeSlope)),
});

/** Exponential linear unit. */
export const elu = activation({
  name: 'elu',
  kernels: [forward.elu, backward.elu],
  module: { name: 'ELU', positional: ['alpha'] },
  doc: 'y = x above 0, else alpha * (exp(x) - 1).',
  attrs: z.strictObject({ alpha: z.number().default(1) }),
  params: ({ alpha }) => ({ a: alpha }),
  slope: (x, dy, { alpha }) => where(gt(x, 0), dy, scale(mul(dy, expBelow(x)), alpha)),
});

/** Self-normalizing linear unit. */
export const selu = activation({
  name: 'selu',
  kernels: [forward.selu, backward.selu],
  module: 'SELU',
  doc: 'y = s * (x above 0, else a * (exp(x) - 1)) with s = 1.0507, a = 1.6733 (Klambauer et al., 2017).',
  attrs: noAttrs,
  slope: (x, dy) =>
    scale(where(gt(x, 0), dy, scale(mul(dy, expBelow(x)), constants.SELU_ALPHA)), constants.SELU_SCALE),
});

/** Continuously differentiable exponential linear unit. */
export const celu = activation({
  name: 'celu',
  kernels: [forward.celu, backward.celu],
  module: { name: 'CELU', positional: ['alpha'] },
  doc: 'y = x above 0, else alpha * (exp(x / alpha) - 1).',
  attrs: z.strictObject({
    alpha: z
      .number()
      .refine((value) => value !== 0, 'must not be 0')
      .default(1),
  }),
  params: ({ alpha }) => ({ a: alpha }),
  slope: (x, dy, { alpha }) => where(gt(x, 0), dy, mul(dy, exp(scale(clamp(x, { max: 0 }), 1 / alpha)))),
});

/** Gaussian error linear unit, exact or by tanh. */
export const gelu = activation({
  name: 'gelu',
  module: 'GELU',
  doc: "y = x * Phi(x); with approximate: 'tanh', 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).",
  attrs: z.strictObject({ approximate: z.enum(['none', 'tanh']).default('none') }),
  kernels: ({ approximate }) =>
    approximate === 'tanh' ? [forward.geluTanh, backward.geluTanh] : [forward.gelu, backward.gelu],
  slope: (x, dy, { approximate }) =>
    mul(dy, approximate === 'tanh' ? geluTanhSlope(x, (v) => tanh(v)) : geluSlope(x)),
});

/** x * sigmoid(x). */
export const silu = activation({
  name: 'silu',
  kernels: [forward.silu, backward.silu],
  module: 'SiLU',
  aliases: ['swish'],
  doc: 'y = x / (1 + exp(-x)).',
  attrs: noAttrs,
  slope: (x, dy) => mul(dy, mul(sigmoid(x), add(mul(x, sub(1, sigmoid(x))), 1))),
});

/** x * tanh(softplus(x)). */
export const mish = activation({
  name: 'mish',
  kernels: [forward.mish, backward.mish],
  module: 'Mish',
  doc: 'y = x * tanh(log(1 + exp(x))).',
  attrs: noAttrs,
  slope: (x, dy) => mul(dy, mishSlope(x)),
});

/** A smooth relu. */
export const softplus = activation({
  name: 'softplus',
  kernels: [forward.softplus, backward.softplus],
  module: { name: 'Softplus', positional: ['beta', 'threshold'] },
  doc: 'y = log(1 + exp(beta * x)) / beta; x where beta * x is above threshold.',
  attrs: z.strictObject({
    beta: z
      .number()
      .refine((value) => value !== 0, 'must not be 0')
      .default(1),
    threshold: z.number().default(20),
  }),
  params: ({ beta, threshold }) => ({ a: beta, b: threshold }),
  slope: (x, dy, { beta, threshold }) =>
    where(gt(scale(x, beta), threshold), dy, mul(dy, sigmoid(scale(x, beta)))),
});

/** x / (1 + |x|). */
export const softsign = activation({
  name: 'softsign',
  kernels: [forward.softsign, backward.softsign],
  module: 'Softsign',
  doc: 'y = x / (1 + |x|).',
  attrs: noAttrs,
  slope: (x, dy) => div(dy, square(add(abs(x), 1))),
});

/** Piecewise linear sigmoid. */
export const hardsigmoid = activation({
  name: 'hardsigmoid',
  kernels: [forward.hardsigmoid, backward.hardsigmoid],
  module: 'Hardsigmoid',
  aliases: ['hardSigmoid'],
  doc: 'y = clip(alpha * x + beta, 0, 1); by default clip(x + 3, 0, 6) / 6.',
  attrs: z.strictObject({ alpha: z.number().default(1 / 6), beta: z.number().default(0.5) }),
  params: ({ alpha, beta }) => ({ a: alpha, b: beta }),
  slope: (x, dy, { alpha, beta }) => within(add(scale(x, alpha), beta), 0, 1, scale(dy, alpha)),
});

/** x times the piecewise linear sigmoid. */
export const hardswish = activation({
  name: 'hardswish',
  kernels: [forward.hardswish, backward.hardswish],
  module: 'Hardswish',
  doc: 'y = x * clip(x + 3, 0, 6) / 6.',
  attrs: noAttrs,
  slope: (x, dy) => where(gt(x, 3), dy, where(lt(x, -3), 0, mul(dy, add(scale(x, 1 / 3), 0.5)))),
});

/** x clipped to a range. */
export const hardtanh = activation({
  name: 'hardtanh',
  kernels: [forward.hardtanh, backward.hardtanh],
  module: { name: 'Hardtanh', positional: ['minVal', 'maxVal'] },
  doc: 'y = clip(x, minVal, maxVal). The gradient is 0 at the bounds and beyond.',
  attrs: z.strictObject({ minVal: z.number().default(-1), maxVal: z.number().default(1) }),
  params: ({ minVal, maxVal }) => ({ a: minVal, b: maxVal }),
  slope: (x, dy, { minVal, maxVal }) => within(x, minVal, maxVal, dy),
});

/** x clipped to [0, 6]. */
export const relu6 = activation({
  name: 'relu6',
  module: 'ReLU6',
  doc: 'y = min(max(x, 0), 6).',
  attrs: noAttrs,
  kernels: [forward.hardtanh, backward.hardtanh],
  params: () => ({ a: 0, b: 6 }),
  slope: (x, dy) => within(x, 0, 6, dy),
});

/** The logistic function. */
export const sigmoid = activation({
  name: 'sigmoid',
  kernels: [forward.sigmoid, backward.sigmoid],
  module: 'Sigmoid',
  doc: 'y = 1 / (1 + exp(-x)).',
  attrs: noAttrs,
  gradient: 'y',
  slope: (y, dy) => mul(dy, mul(y, sub(1, y))),
});

/** The hyperbolic tangent. */
export const tanh = activation({
  name: 'tanh',
  kernels: [forward.tanh, backward.tanh],
  module: 'Tanh',
  doc: 'y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)).',
  attrs: noAttrs,
  gradient: 'y',
  slope: (y, dy) => mul(dy, sub(1, square(y))),
});

/** log(sigmoid(x)). */
export const logsigmoid = activation({
  name: 'logsigmoid',
  kernels: [forward.logsigmoid, backward.logsigmoid],
  module: 'LogSigmoid',
  aliases: ['logSigmoid'],
  doc: 'y = -log(1 + exp(-x)).',
  attrs: noAttrs,
  slope: (x, dy) => mul(dy, sigmoid(neg(x))),
});

/** x - tanh(x). */
export const tanhshrink = activation({
  name: 'tanhshrink',
  kernels: [forward.tanhshrink, backward.tanhshrink],
  module: 'Tanhshrink',
  doc: 'y = x - tanh(x).',
  attrs: noAttrs,
  slope: (x, dy) => mul(dy, square(tanh(x))),
});

const shrink = z.strictObject({ lambd: z.number().min(0).default(0.5) });

/** Moves x towards 0 by lambd. */
export const softshrink = activation({
  name: 'softshrink',
  kernels: [forward.softshrink, backward.softshrink],
  module: { name: 'Softshrink', positional: ['lambd'] },
  doc: 'y = x - lambd above lambd, x + lambd below -lambd, else 0.',
  attrs: shrink,
  params: ({ lambd }) => ({ a: lambd }),
  slope: (x, dy, { lambd }) => outside(x, lambd, dy),
});

/** Sets x to 0 where it is within lambd of 0. */
export const hardshrink = activation({
  name: 'hardshrink',
  kernels: [forward.hardshrink, backward.hardshrink],
  module: { name: 'Hardshrink', positional: ['lambd'] },
  doc: 'y = 0 where |x| <= lambd, else x.',
  attrs: shrink,
  params: ({ lambd }) => ({ a: lambd }),
  slope: (x, dy, { lambd }) => outside(x, lambd, dy),
});

/** Replaces what is not above a threshold. */
export const threshold = activation({
  name: 'threshold',
  kernels: [forward.threshold, backward.threshold],
  module: { name: 'Threshold', positional: ['threshold', 'value'] },
  doc: 'y = x above threshold, else value.',
  attrs: z.strictObject({ threshold: z.number(), value: z.number() }),
  params: (attrs) => ({ a: attrs.threshold, b: attrs.value }),
  slope: (x, dy, attrs) => where(gt(x, attrs.threshold), dy, 0),
});
