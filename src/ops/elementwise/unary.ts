/** The elementwise functions of one tensor. */
import integerForward from '../../../shaders/elementwise/integer.forward.wgsl';
import backward from '../../../shaders/elementwise/unary.backward.wgsl';
import forward from '../../../shaders/elementwise/unary.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import { notDifferentiable } from '../../graph/ir/op';
import * as z from '../../schema';
import { noAttrs } from '../common';
import { add, div, mul, sub } from './binary';
import { definePointwise, type Pointwise, type PointwiseKernels } from './pointwise';
import { scale } from './scale';

type Gradient = Pointwise<typeof noAttrs>['gradient'];
type Options = Partial<Omit<Pointwise<typeof noAttrs>, 'name' | 'kernels' | 'doc' | 'gradient'>>;

function unary(
  name: string,
  kernels: PointwiseKernels,
  doc: string,
  gradient: Gradient,
  options: Options = {},
) {
  const source = `https://pytorch.org/docs/stable/generated/torch.${name}.html`;
  return definePointwise({ name, kernels, doc, source, attrs: noAttrs, gradient, ...options });
}

const oneMinusSquare = (x: Tensor): Tensor => sub(1, square(x));

const isPiecewiseConstant = notDifferentiable('it is piecewise constant');

/** -x. */
export const neg = unary('neg', [forward.neg], 'y = -x.', ({ dy }) => scale(dy, -1), {
  integer: integerForward.neg,
});
/** |x|. */
export const abs = unary('abs', [forward.abs, backward.abs], 'y = |x|. The gradient at 0 is 0.', 'x', {
  integer: integerForward.abs,
  slope: (x, dy) => mul(dy, sign(x)),
});
/** e to the power of x. */
export const exp = unary('exp', [forward.exp, backward.exp], 'y = exp(x).', 'y', {
  slope: (y, dy) => mul(dy, y),
});
/** Natural logarithm. */
export const log = unary('log', [forward.log, backward.log], 'y = ln(x); NaN below 0.', 'x', {
  slope: (x, dy) => div(dy, x),
});
/** log(1 + x). */
export const log1p = unary('log1p', [forward.log1p, backward.log1p], 'y = ln(1 + x), accurate near 0.', 'x', {
  slope: (x, dy) => div(dy, add(x, 1)),
});
/** exp(x) - 1. */
export const expm1 = unary(
  'expm1',
  [forward.expm1, backward.expm1],
  'y = exp(x) - 1, accurate near 0.',
  'y',
  {
    slope: (y, dy) => mul(dy, add(y, 1)),
  },
);
/** Logarithm to base 2. */
export const log2 = unary('log2', [forward.log2, backward.log2], 'y = log2(x); NaN below 0.', 'x', {
  slope: (x, dy) => scale(div(dy, x), Math.LOG2E),
});
/** Square root. */
export const sqrt = unary('sqrt', [forward.sqrt, backward.sqrt], 'y = sqrt(x); NaN below 0.', 'y', {
  slope: (y, dy) => scale(div(dy, y), 0.5),
});
/** 1 / sqrt(x). */
export const rsqrt = unary('rsqrt', [forward.rsqrt, backward.rsqrt], 'y = 1 / sqrt(x); NaN below 0.', 'y', {
  slope: (y, dy) => scale(mul(dy, mul(y, square(y))), -0.5),
});
/** x squared. */
export const square = unary('square', [forward.square, backward.square], 'y = x * x.', 'x', {
  integer: integerForward.mul,
  slope: (x, dy) => scale(mul(dy, x), 2),
});
/** 1 / x. */
export const reciprocal = unary('reciprocal', [forward.reciprocal, backward.reciprocal], 'y = 1 / x.', 'y', {
  slope: (y, dy) => neg(mul(dy, square(y))),
});
/** Sine. */
export const sin = unary(
  'sin',
  [forward.sin, backward.sin],
  'y = sin(x), x in radians, however large.',
  'x',
  {
    slope: (x, dy) => mul(dy, cos(x)),
  },
);
/** Cosine. */
export const cos = unary(
  'cos',
  [forward.cos, backward.cos],
  'y = cos(x), x in radians, however large.',
  'x',
  {
    slope: (x, dy) => neg(mul(dy, sin(x))),
  },
);
/** Tangent. */
export const tan = unary(
  'tan',
  [forward.tan, backward.tan],
  'y = tan(x), x in radians, however large.',
  'y',
  {
    slope: (y, dy) => mul(dy, add(square(y), 1)),
  },
);
/** Arc sine. */
export const asin = unary(
  'asin',
  [forward.asin, backward.asin],
  'y = asin(x) in [-pi / 2, pi / 2]; NaN beyond [-1, 1].',
  'x',
  {
    slope: (x, dy) => mul(dy, rsqrt(oneMinusSquare(x))),
  },
);
/** Arc cosine. */
export const acos = unary(
  'acos',
  [forward.acos, backward.acos],
  'y = acos(x) in [0, pi]; NaN beyond [-1, 1].',
  'x',
  {
    slope: (x, dy) => neg(mul(dy, rsqrt(oneMinusSquare(x)))),
  },
);
/** Arc tangent. */
export const atan = unary('atan', [forward.atan, backward.atan], 'y = atan(x) in [-pi / 2, pi / 2].', 'x', {
  slope: (x, dy) => div(dy, add(square(x), 1)),
});
/** Hyperbolic sine. */
export const sinh = unary('sinh', [forward.sinh, backward.sinh], 'y = (exp(x) - exp(-x)) / 2.', 'x', {
  slope: (x, dy) => mul(dy, cosh(x)),
});
/** Hyperbolic cosine. */
export const cosh = unary('cosh', [forward.cosh, backward.cosh], 'y = (exp(x) + exp(-x)) / 2.', 'x', {
  slope: (x, dy) => mul(dy, sinh(x)),
});
/** The error function. */
export const erf = unary(
  'erf',
  [forward.erf, backward.erf],
  'y = 2 / sqrt(pi) * integral of exp(-t^2) from 0 to x.',
  'x',
  {
    slope: (x, dy) => scale(mul(dy, exp(neg(square(x)))), 2 / Math.sqrt(Math.PI)),
  },
);
/** -1, 0 or 1. */
export const sign = unary('sign', [forward.sign], 'y = -1, 0 or 1. The gradient is 0.', 'zero', {
  integer: integerForward.sign,
});
/** The next whole number below. */
export const floor = unary(
  'floor',
  [forward.floor],
  'y = the largest whole number <= x. The gradient is 0.',
  'zero',
);
/** The next whole number above. */
export const ceil = unary(
  'ceil',
  [forward.ceil],
  'y = the smallest whole number >= x. The gradient is 0.',
  'zero',
);
/** The nearest whole number, or multiple of a power of ten, halves to the even one. */
export const round = definePointwise({
  name: 'round',
  doc: 'y = x rounded to `decimals` places (negative: to tens, hundreds), halves to even. The gradient is 0.',
  source: 'https://pytorch.org/docs/stable/generated/torch.round.html',
  attrs: z.strictObject({ decimals: z.int().default(0) }),
  kernels: ({ decimals }) => [
    decimals === 0 ? forward.round : decimals > 0 ? forward.roundTo : forward.roundUpTo,
  ],
  params: ({ decimals }): Record<string, number> => (decimals === 0 ? {} : { ten: 10 ** Math.abs(decimals) }),
  gradient: 'zero',
});
/** Without the fraction. */
export const trunc = unary(
  'trunc',
  [forward.trunc],
  'y = x without its fraction. The gradient is 0.',
  'zero',
);
/** Where x is NaN. */
export const isnan = unary('isnan', [forward.isnan], 'y = 1 where x is NaN, else 0.', isPiecewiseConstant, {
  dtype: 'bool',
});
/** Where x is infinite. */
export const isinf = unary(
  'isinf',
  [forward.isinf],
  'y = 1 where x is infinite, else 0.',
  isPiecewiseConstant,
  {
    dtype: 'bool',
  },
);
/** Where x is 0. */
export const logicalNot = unary(
  'logicalNot',
  [forward.logicalNot],
  'y = 1 where x is 0, else 0.',
  isPiecewiseConstant,
  {
    integer: integerForward.not,
    dtype: 'bool',
    source: 'https://pytorch.org/docs/stable/generated/torch.logical_not.html',
  },
);
