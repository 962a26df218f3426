/** Derivatives of the losses with one term per element written with ops: what second derivatives are taken of. */
import type elementForward from '../../../shaders/loss/element.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import { sigmoid, softplus } from '../activation/activation';
import { add, div, eq, gt, le, logicalAnd, lt, maximum, mul, ne, sub } from '../elementwise/binary';
import { clampBetween as clamp } from '../elementwise/clamp';
import { constantOf, scale } from '../elementwise/scale';
import { abs, exp, log, neg, sign, square } from '../elementwise/unary';
import { where } from '../elementwise/where';
import type { Reduction } from './reduction';

/** A loss with one term per element: a variant of the kernels. */
export type ElementKind = keyof typeof elementForward;

/** Which loss, and how its terms are reduced. */
export interface ElementAttrs {
  kind: ElementKind;
  reduction: Reduction;
  /** Factor on the sum of the terms; 1 for 'none'. */
  scale: number;
  /** beta, delta, margin or eps of the kind. */
  a?: number;
  /** Whether constant terms are added. */
  full?: boolean;
  /** Operands with a gradient besides x. */
  differentiable: readonly ('second' | 'third')[];
}

/** The operands of a loss. */
export interface ElementOperands {
  x: Tensor;
  second: Tensor;
  third?: Tensor;
  fourth?: Tensor;
}

type Derivatives = (operands: Required<ElementOperands>, a: number, full: boolean) => (Tensor | undefined)[];

/** Of a function of x - second. */
const ofDifference =
  (derivative: (difference: Tensor, a: number, operands: Required<ElementOperands>) => Tensor): Derivatives =>
  (operands, a) => {
    const d = derivative(sub(operands.x, operands.second), a, operands);
    return [d, neg(d)];
  };

/** Stirling's approximation of log(t!) differentiated, where it is added. */
function stirling(t: Tensor, full: boolean): Tensor | number {
  if (!full) return 0;
  const isAdded = gt(t, 1);
  const safe = where(isAdded, t, 1);
  return where(isAdded, add(log(safe), div(0.5, safe)), 0);
}

/** The derivatives by x, `second` and `third`, as element.backward.wgsl has them. */
const DERIVATIVES: Record<ElementAttrs['kind'], Derivatives> = {
  mse: ofDifference((d) => scale(d, 2)),
  l1: ofDifference((d) => sign(d)),
  smoothL1: ofDifference((d, a) => (a === 0 ? sign(d) : where(lt(abs(d), a), scale(d, 1 / a), sign(d)))),
  huber: ofDifference((d, a) => clamp(d, { min: -a, max: a })),
  bce({ x, second, third }) {
    const spread = maximum(mul(sub(1, x), x), 1e-12);
    return [mul(third, div(sub(x, second), spread))];
  },
  bceLogits({ x, second, third, fourth }) {
    const dx = sub(mul(sub(1, second), sigmoid(x)), mul(mul(fourth, second), sigmoid(neg(x))));
    return [mul(third, dx), mul(third, sub(mul(fourth, softplus(neg(x))), softplus(x)))];
  },
  klDiv: ({ x, second }) => [neg(second), sub(add(log(second), 1), x)],
  klDivLog({ x, second }) {
    const p = exp(second);
    return [neg(p), where(eq(p, 0), 0, mul(p, add(sub(second, x), 1)))];
  },
  poisson({ x, second }, a, full) {
    const rate = add(x, a);
    return [sub(1, div(second, rate)), sub(stirling(second, full), log(rate))];
  },
  poissonLog: ({ x, second }, _, full) => [sub(exp(x), second), sub(stirling(second, full), x)],
  gaussian({ x, second, third }, a) {
    // As in PyTorch, a variance below eps gets the gradient of eps.
    const isBelow = lt(third, a);
    const variance = where(isBelow, a, third);
    const d = div(sub(x, second), variance);
    return [d, neg(d), scale(sub(div(1, variance), square(d)), 0.5)];
  },
  softMargin: ({ x, second }) => [neg(mul(second, sigmoid(neg(mul(second, x)))))],
  hinge({ x, second }, a) {
    const similar = ne(second, -1);
    const pushed = logicalAnd(ne(second, 1), le(x, a));
    return [where(similar, where(pushed, 0, 1), where(pushed, -1, 0))];
  },
  ranking: ofDifference((d, a, { third }) => where(le(0, sub(a, mul(third, d))), neg(third), 0)),
};

/** The gradient of one operand for the gradient `dy` of the loss. */
export function elementDerivative(
  operands: ElementOperands,
  { kind, a = 0, full = false, scale: factor, operand }: ElementAttrs & { operand: 0 | 1 | 2 },
  dy: Tensor,
): Tensor {
  const one = constantOf(operands.x.graph, 1);
  const derivatives = DERIVATIVES[kind]({ third: one, fourth: one, ...defined(operands) }, a, full);
  return scale(mul(derivatives[operand]!, dy), factor);
}

const defined = ({ x, second, third, fourth }: ElementOperands): ElementOperands => ({
  x,
  second,
  ...(third && { third }),
  ...(fourth && { fourth }),
});
