/** Elementwise functions that are written with others: logarithms to other bases, interpolation, fused sums. */
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, notDifferentiable } from '../../graph/ir/op';
import { isFloat } from '../../graph/ir/variable';
import * as z from '../../schema';
import { noAttrs } from '../common';
import { add, div, eq, ge, gt, le, logicalAnd, logicalOr, lt, maximum, mul, pow, sub } from './binary';
import { cast } from './cast';
import { scale } from './scale';
import { exp2, signbit } from './special';
import { abs, exp, isnan, log, log1p, neg, sin, trunc } from './unary';
import { where } from './where';

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

function unary(name: string, doc: string, compose: (x: Tensor) => Tensor) {
  return defineComposite({
    ...{ name, doc, source: source(name), attrs: noAttrs },
    inputs: ['x'],
    outputs: ['y'],
    inFloat32: true,
    compose: ({ x }) => compose(x),
  });
}

/** Logarithm to base 10. */
export const log10 = unary('log10', 'y = log10(x); NaN below 0.', (x) => scale(log(x), Math.LOG10E));
/** The fraction of x, of its sign. */
export const frac = unary('frac', 'y = x - trunc(x).', (x) => sub(x, trunc(x)));
/** Degrees to radians. */
export const deg2rad = unary('deg2rad', 'y = x * pi / 180.', (x) => scale(x, Math.PI / 180));
/** Radians to degrees. */
export const rad2deg = unary('rad2deg', 'y = x * 180 / pi.', (x) => scale(x, 180 / Math.PI));
/** The normalized sine over its angle. */
export const sinc = unary('sinc', 'y = sin(pi x) / (pi x), 1 at 0.', (x) => {
  const isZero = eq(x, 0);
  const angle = scale(where(isZero, 1, x), Math.PI);
  return where(isZero, 1, div(sin(angle), angle));
});
/** Inverse hyperbolic tangent. */
export const atanh = unary('atanh', 'y = (ln(1 + x) - ln(1 - x)) / 2.', (x) =>
  scale(sub(log1p(x), log1p(neg(x))), 0.5),
);

/** Where x is a number that is not infinite. */
export const isfinite = defineComposite({
  name: 'isfinite',
  doc: 'y = 1 where x is neither NaN nor infinite, else 0.',
  source: source('isfinite'),
  inputs: ['x'],
  outputs: ['y'],
  attrs: noAttrs,
  compose: ({ x }) => lt(abs(x), Number.POSITIVE_INFINITY),
  backward: notDifferentiable('it is piecewise constant'),
});

function infinite(name: string, of: string, value: number) {
  return defineComposite({
    name,
    doc: `y = 1 where x is ${of}, else 0.`,
    source: source(name),
    inputs: ['x'],
    outputs: ['y'],
    attrs: noAttrs,
    compose: ({ x }) => eq(x, value),
    backward: notDifferentiable('it is piecewise constant'),
  });
}

/** Where x is Infinity. */
export const isposinf = infinite('isposinf', 'Infinity', Number.POSITIVE_INFINITY);
/** Where x is -Infinity. */
export const isneginf = infinite('isneginf', '-Infinity', Number.NEGATIVE_INFINITY);

/** Whether two tensors are nearly equal. */
export const isclose = defineComposite({
  name: 'isclose',
  doc: 'y = 1 where |x - other| <= atol + rtol |other| or both are equal, with `equalNan` also where both are NaN.',
  source: source('isclose'),
  inputs: ['x', 'other'],
  outputs: ['y'],
  attrs: z.strictObject({
    rtol: z.number().min(0).default(1e-5),
    atol: z.number().min(0).default(1e-8),
    equalNan: z.boolean().default(false),
  }),
  compose({ x, other }, { rtol, atol, equalNan }) {
    const room = add(scale(abs(other), rtol), atol);
    // An infinite difference is never small, however large the room.
    const near = logicalAnd(le(abs(sub(x, other)), room), isfinite(other));
    const same = logicalOr(eq(x, other), near);
    return equalNan ? logicalOr(same, logicalAnd(isnan(x), isnan(other))) : same;
  },
  backward: notDifferentiable('it is piecewise constant'),
});

/** The inverse of sigmoid. */
export const logit = defineComposite({
  name: 'logit',
  doc: 'y = ln(z / (1 - z)) with z = x, or with `eps` x limited to [eps, 1 - eps].',
  source: source('logit'),
  inputs: ['x'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({ eps: z.number().nullable().default(null) }),
  compose({ x }, { eps }) {
    // Not clamp, whose gradient at NaN is 0.
    const inside = eps === null ? x : where(lt(x, eps), eps, where(gt(x, 1 - eps), 1 - eps, x));
    return sub(log(inside), log1p(neg(inside)));
  },
});

/** Numbers for NaN and infinities. */
export const nanToNum = defineComposite({
  name: 'nanToNum',
  doc: 'NaN becomes `nan`, infinities `posinf` and `neginf` (the largest and least float32 when null); no gradient there.',
  source: source('nan_to_num'),
  inputs: ['x'],
  outputs: ['y'],
  attrs: z.strictObject({
    nan: z.number().default(0),
    posinf: z.number().nullable().default(null),
    neginf: z.number().nullable().default(null),
  }),
  compose({ x }, { nan, posinf, neginf }) {
    const largest = 3.4028234663852886e38;
    const above = where(eq(x, Number.NEGATIVE_INFINITY), neginf ?? -largest, x);
    return where(isnan(x), nan, where(eq(x, Number.POSITIVE_INFINITY), posinf ?? largest, above));
  },
});

/** Sum of exponentials as its logarithm. */
export const logaddexp = defineComposite({
  name: 'logaddexp',
  doc: 'y = ln(exp(x) + exp(other)), as the larger one + ln(1 + exp(-|x - other|)).',
  source: source('logaddexp'),
  inputs: ['x', 'other'],
  outputs: ['y'],
  inFloat32: true,
  attrs: noAttrs,
  compose({ x, other }) {
    // Equal infinities differ by NaN.
    const distance = where(eq(x, other), 0, abs(sub(x, other)));
    return add(maximum(x, other), log1p(exp(neg(distance))));
  },
});

/** A function of two tensors that broadcast. */
function binary(
  name: string,
  torchSource: string,
  doc: string,
  compose: (x: Tensor, other: Tensor) => Tensor,
) {
  return defineComposite({
    ...{ name, doc, source: torchSource, attrs: noAttrs },
    inputs: ['x', 'other'],
    outputs: ['y'],
    inFloat32: true,
    compose: ({ x, other }) => compose(x, other),
  });
}

const special = (name: string) => `https://pytorch.org/docs/stable/special.html#torch.special.${name}`;

/** Sum of powers of 2 as its logarithm. */
export const logaddexp2 = binary(
  'logaddexp2',
  source('logaddexp2'),
  'y = log2(2 ^ x + 2 ^ other).',
  (x, other) => scale(logaddexp(scale(x, Math.LN2), scale(other, Math.LN2)), Math.LOG2E),
);

/** The magnitude of x with the sign of other. */
export const copysign = binary(
  'copysign',
  source('copysign'),
  'y = |x| with the sign of other, that of -0 too. Other has no gradient.',
  (x, other) => where(signbit(other), neg(abs(x)), abs(x)),
);

/** x times a logarithm, 0 where x is. */
function timesLog(x: Tensor, other: Tensor, isPole: Tensor, logarithm: (x: Tensor) => Tensor): Tensor {
  // Where x is 0, the product with an infinite logarithm is 0 and has no gradient.
  const counts = logicalOr(isPole, eq(other, Number.POSITIVE_INFINITY));
  return mul(x, logarithm(where(logicalAnd(eq(x, 0), counts), 1, other)));
}

/** x log(other). */
export const xlogy = binary(
  'xlogy',
  special('xlogy'),
  'y = x ln(other), 0 where x is 0 and other is not NaN.',
  (x, other) => timesLog(x, other, le(other, 0), log),
);

/** x log(1 + other). */
export const xlog1py = binary(
  'xlog1py',
  special('xlog1py'),
  'y = x ln(1 + other), 0 where x is 0 and other is not NaN.',
  (x, other) => timesLog(x, other, le(other, -1), log1p),
);

/** The larger one that is a number. */
export const fmax = binary(
  'fmax',
  source('fmax'),
  'y = max(x, other), of which one that is NaN does not count. The gradient of equal operands goes to x.',
  (x, other) => where(logicalOr(ge(x, other), isnan(other)), x, other),
);

/** The smaller one that is a number. */
export const fmin = binary(
  'fmin',
  source('fmin'),
  'y = min(x, other), of which one that is NaN does not count. The gradient of equal operands goes to x.',
  (x, other) => where(logicalOr(le(x, other), isnan(other)), x, other),
);

/** x to the power of other, in floats. */
export const floatPower = defineComposite({
  name: 'floatPower',
  doc: 'y = x ^ exponent as floats, of whole numbers too.',
  source: source('float_power'),
  inputs: ['x', 'exponent'],
  dtypes: { x: 'any', exponent: 'any' },
  outputs: ['y'],
  attrs: noAttrs,
  compose: ({ x, exponent }) => pow(toFloat(x), toFloat(exponent)),
});

/** x times a power of 2. */
export const ldexp = binary('ldexp', source('ldexp'), 'y = x * 2 ^ other.', (x, other) =>
  mul(x, exp2(other)),
);

/** A step at 0. */
export const heaviside = defineComposite({
  name: 'heaviside',
  doc: 'y = 0 below 0, 1 above, `values` at 0.',
  source: source('heaviside'),
  inputs: ['x', 'values'],
  outputs: ['y'],
  attrs: noAttrs,
  compose: ({ x, values }) => where(eq(x, 0), values, where(gt(x, 0), 1, 0)),
  backward: notDifferentiable('it is piecewise constant'),
});

const toFloat = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : cast(x, { dtype: 'f32' }));

/** Quotient rounded down. */
export const floorDivide = defineComposite({
  name: 'floorDivide',
  doc: 'y = floor(x / other), as Python divides whole numbers.',
  source: source('floor_divide'),
  inputs: ['x', 'other'],
  outputs: ['y'],
  attrs: noAttrs,
  compose: ({ x, other }) => div(x, other, { roundingMode: 'floor' }),
  backward: notDifferentiable('it is piecewise constant'),
});

/** Between two tensors. */
export const lerp = defineComposite({
  name: 'lerp',
  doc: 'y = x + weight * (end - x); all three broadcast.',
  source: source('lerp'),
  inputs: ['x', 'end', 'weight'],
  outputs: ['y'],
  attrs: noAttrs,
  compose: ({ x, end, weight }) => add(x, mul(weight, sub(end, x))),
});

const factor = z.strictObject({ value: z.number().default(1) });

/** A product added. */
export const addcmul = defineComposite({
  name: 'addcmul',
  doc: 'y = x + value * tensor1 * tensor2; all three broadcast.',
  source: source('addcmul'),
  inputs: ['x', 'tensor1', 'tensor2'],
  outputs: ['y'],
  attrs: factor,
  compose: ({ x, tensor1, tensor2 }, { value }) => add(x, mul(tensor1, tensor2), { alpha: value }),
});

/** A quotient added. */
export const addcdiv = defineComposite({
  name: 'addcdiv',
  doc: 'y = x + value * tensor1 / tensor2; all three broadcast.',
  source: source('addcdiv'),
  inputs: ['x', 'tensor1', 'tensor2'],
  outputs: ['y'],
  attrs: factor,
  compose: ({ x, tensor1, tensor2 }, { value }) => add(x, div(tensor1, tensor2), { alpha: value }),
});
