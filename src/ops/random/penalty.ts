/** Penalties on the size of weights, to be added to a loss. */
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { elementLoss } from '../loss/element';

/** lambda * sum of f(x): the loss of the same kind against a target of 0. */
function penalty<const N extends string>(name: N, kind: 'l1' | 'mse', doc: string) {
  return defineComposite({
    name,
    doc,
    inputs: ['x'],
    outputs: ['y'],
    attrs: z.strictObject({ lambda: z.number().default(1) }),
    compose({ x }, { lambda }) {
      const zero = x.graph.constant(new Float32Array(1), [1]);
      const operands = { x, second: zero, third: undefined, fourth: undefined };
      return elementLoss(operands, { kind, reduction: 'sum', scale: lambda, differentiable: [] }).y;
    },
  });
}

/** lambda * sum of |x|. */
export const l1Penalty = penalty('l1Penalty', 'l1', 'lambda * sum of |x|. The gradient at 0 is 0.');
/** lambda * sum of x^2. */
export const l2Penalty = penalty('l2Penalty', 'mse', 'lambda * sum of x^2.');
