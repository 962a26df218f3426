/** Derivatives of activations written with ops, for second derivatives (`Pointwise.slope`). */
import type { Tensor } from '../../graph/ir/graph';
import { add, ge, gt, le, logicalAnd, lt, mul, sub } from '../elementwise/binary';
import { clampBetween as clamp } from '../elementwise/clamp';
import { scale } from '../elementwise/scale';
import { erf, exp, square } from '../elementwise/unary';
import { where } from '../elementwise/where';

/** exp(x) below 0; not infinite where it does not count. */
export const expBelow = (x: Tensor): Tensor => exp(clamp(x, { max: 0 }));

/** dy where low < x < high, else 0. */
export const within = (x: Tensor, low: number, high: number, dy: Tensor): Tensor =>
  where(logicalAnd(gt(x, low), lt(x, high)), dy, 0);

/** 0 where |x| <= bound, else dy. */
export const outside = (x: Tensor, bound: number, dy: Tensor): Tensor =>
  where(logicalAnd(ge(x, -bound), le(x, bound)), 0, dy);

/** Phi(x) + x phi(x) with the normal distribution's Phi and phi. */
export function geluSlope(x: Tensor): Tensor {
  const distribution = scale(add(erf(scale(x, Math.SQRT1_2)), 1), 0.5);
  const density = scale(exp(scale(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(distribution, mul(x, density));
}

export function geluTanhSlope(x: Tensor, tanh: (x: Tensor) => Tensor): Tensor {
  const factor = Math.sqrt(2 / Math.PI);
  const cubic = mul(x, add(scale(square(x), 0.044715), 1));
  const t = tanh(scale(cubic, factor));
  const inner = scale(add(scale(square(x), 3 * 0.044715), 1), factor);
  return scale(add(add(t, 1), mul(mul(x, sub(1, square(t))), inner)), 0.5);
}
