/** Model output with auxiliary losses: what `forward` returns in training when the loss needs more than the prediction. */
import { GradloomError } from '../errors';
import { Tensor } from '../graph/ir/graph';

/** An output that the trainer's loss is taken of, or a loss of the model's own (a scalar), with its weight. */
export type LossTerm = { output: Tensor; weight: number } | { loss: Tensor; weight: number };

/**
 * A prediction, and the outputs that the loss is summed over: `loss = sum of weight * loss(output, target)`. Auxiliary
 * heads and ensemble members are trained this way; losses that the model computes itself (a teacher's, a penalty) are added as
 * they are. In evaluation a model returns its prediction alone.
 */
export class ModelOutput {
  constructor(
    /** The prediction; accuracy is measured on it. */
    readonly prediction: Tensor,
    /** Terms of the loss; the prediction contributes only if it is listed. */
    readonly auxLosses: readonly LossTerm[],
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
