/** Special functions of one tensor: inverse hyperbolic functions, the error function's relatives, the gamma function's. */
import backward from '../../../shaders/elementwise/unary.backward.wgsl';
import forward from '../../../shaders/elementwise/unary.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import { notDifferentiable } from '../../graph/ir/op';
import { noAttrs } from '../common';
import { add, div, eq, mul, sub } from './binary';
import { definePointwise, type Pointwise, type PointwiseKernels } from './pointwise';
import { scale } from './scale';
import { exp, neg, rsqrt, square } from './unary';
import { where } from './where';

type Options = Partial<Omit<Pointwise<typeof noAttrs>, 'name' | 'kernels' | 'doc' | 'gradient'>>;

function special(
  name: string,
  kernels: PointwiseKernels,
  doc: string,
  gradient: Pointwise<typeof noAttrs>['gradient'],
  options: Options = {},
) {
  const source = `https://pytorch.org/docs/stable/generated/torch.${name}.html`;
  return definePointwise({ name, kernels, doc, source, attrs: noAttrs, gradient, ...options });
}

/** exp(-x^2) and exp(x^2). */
const bell = (x: Tensor): Tensor => exp(neg(square(x)));
const inverseBell = (x: Tensor): Tensor => exp(square(x));

/** Inverse hyperbolic sine. */
export const asinh = special(
  'asinh',
  [forward.asinh, backward.asinh],
  'y = ln(x + sqrt(x^2 + 1)), accurate near 0.',
  'x',
  { slope: (x, dy) => mul(dy, rsqrt(add(square(x), 1))) },
);
/** Inverse hyperbolic cosine. */
export const acosh = special(
  'acosh',
  [forward.acosh, backward.acosh],
  'y = ln(x + sqrt(x^2 - 1)); NaN below 1.',
  'x',
  { slope: (x, dy) => mul(dy, rsqrt(sub(square(x), 1))) },
);
/** 2 to the power of x. */
export const exp2 = special('exp2', [forward.exp2, backward.exp2], 'y = 2 ^ x.', 'y', {
  slope: (y, dy) => scale(mul(dy, y), Math.LN2),
});
/** Complementary error function. */
export const erfc = special(
  'erfc',
  [forward.erfc, backward.erfc],
  'y = 1 - erf(x), to relative accuracy where it is tiny.',
  'x',
  {
    slope: (x, dy) => scale(mul(dy, bell(x)), -2 / Math.sqrt(Math.PI)),
    source: 'https://pytorch.org/docs/stable/special.html#torch.special.erfc',
  },
);
/** The inverse of the error function. */
export const erfinv = special(
  'erfinv',
  [forward.erfinv, backward.erfinv],
  'erf(y) = x; infinite at -1 and 1, NaN beyond.',
  'y',
  {
    slope: (y, dy) => scale(mul(dy, inverseBell(y)), Math.sqrt(Math.PI) / 2),
    source: 'https://pytorch.org/docs/stable/special.html#torch.special.erfinv',
  },
);
/** The derivative of lgamma. */
export const digamma = special(
  'digamma',
  [forward.digamma, backward.digamma],
  "y = gamma'(x) / gamma(x); NaN at negative whole numbers.",
  'x',
  { source: 'https://pytorch.org/docs/stable/special.html#torch.special.digamma' },
);
/** The logarithm of the gamma function. */
export const lgamma = special(
  'lgamma',
  [forward.lgamma, backward.lgamma],
  'y = ln |gamma(x)|; Infinity at 0 and negative whole numbers.',
  'x',
  { slope: (x, dy) => mul(dy, digamma(x)) },
);
/** The modified Bessel function of order 1. */
export const i1: ReturnType<typeof special> = special(
  'i1',
  [forward.i1, backward.i1],
  'y = I_1(x), the modified Bessel function of the first kind of order 1.',
  'x',
  {
    // I_1' = I_0 - I_1 / x, which is 1/2 at 0.
    slope: (x, dy) => {
      const isZero = eq(x, 0);
      const share = where(isZero, 0.5, div(i1(x), where(isZero, 1, x)));
      return mul(dy, sub(i0(x), share));
    },
    source: 'https://pytorch.org/docs/stable/special.html#torch.special.i1',
  },
);
/** The modified Bessel function of order 0. */
export const i0: ReturnType<typeof special> = special(
  'i0',
  [forward.i0, backward.i0],
  'y = I_0(x), the modified Bessel function of the first kind of order 0.',
  'x',
  { slope: (x, dy) => mul(dy, i1(x)) },
);
/** Whether the sign is negative. */
export const signbit = special(
  'signbit',
  [forward.signbit],
  'y = 1 where the sign of x is negative, that of -0 too, else 0.',
  notDifferentiable('it is piecewise constant'),
  { dtype: 'bool' },
);
