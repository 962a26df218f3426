/** Model output with auxiliary losses: what `forward` returns in training when the loss needs more than the prediction. */
import { GradloomError } from '../errors';
import { Tensor } from '../graph/ir/graph';

/**
 * A prediction, and the outputs that the loss is summed over: `loss = sum of weight * loss(output, target)`. Auxiliary
 * heads and ensemble members are trained this way. In evaluation a model returns its prediction alone.
 */
export class ModelOutput {
  constructor(
    /** What the model predicts; accuracy is measured on it. */
    readonly prediction: Tensor,
    /** Outputs with the weights of their losses; the prediction contributes only if it is listed. */
    readonly auxLosses: readonly { output: Tensor; weight: number }[],
  ) {}
}

/**
 * The output of a model as `ModelOutput`: a plain tensor is its own prediction with weight 1.
 * @throws GradloomError `argument` for anything else.
 */
export function asModelOutput(output: Tensor | ModelOutput): ModelOutput {
  if (output instanceof ModelOutput) return output;
  if (output instanceof Tensor) return new ModelOutput(output, [{ output, weight: 1 }]);
  throw new GradloomError({
    code: 'argument',
    op: 'forward',
    got: `an output of the model that is ${output === undefined ? 'undefined' : 'no tensor'}`,
    expected: 'a tensor, or ModelOutput in training',
    fix: "Return the tensor that the loss is for, such as a recurrent module's y",
  });
}
