/** Elementwise functions that are written with others: logarithms to other bases, interpolation, fused sums. */
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, notDifferentiable } from '../../graph/ir/op';
import * as z from '../../schema';
import { noAttrs } from '../common';
import { add, div, eq, gt, lt, maximum, mul, sub } from './binary';
import { scale } from './scale';
import { abs, exp, isnan, log, log1p, neg, sqrt, square, trunc } from './unary';
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
/** 2 to the power of x. */
export const exp2 = unary('exp2', 'y = 2 ^ x.', (x) => exp(scale(x, Math.LN2)));
/** The fraction of x, of its sign. */
export const frac = unary('frac', 'y = x - trunc(x).', (x) => sub(x, trunc(x)));
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

/** Length of the hypotenuse. */
export const hypot = defineComposite({
  name: 'hypot',
  doc: 'y = sqrt(x^2 + other^2).',
  source: source('hypot'),
  inputs: ['x', 'other'],
  outputs: ['y'],
  inFloat32: true,
  attrs: noAttrs,
  compose: ({ x, other }) => sqrt(add(square(x), square(other))),
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
