/** What a model gives in training when its loss looks at more than its answer. */
import { GradloomError } from '../errors';
import { Tensor } from '../graph/tensor';

/**
 * An answer, and the outputs that the loss is summed over: `loss = sum of weight * loss(output, target)`. Auxiliary
 * heads and the members of an ensemble are trained this way. In evaluation a model gives its answer alone.
 */
export class GradedOutputs {
  constructor(
    /** What the model predicts; accuracy is measured on it. */
    readonly answer: Tensor,
    /** Outputs with the weights of their losses; the answer is graded only if it is among them. */
    readonly graded: readonly { output: Tensor; weight: number }[],
  ) {}
}

/**
 * The output of a model as graded outputs: a plain tensor is its own answer with weight 1.
 * @throws GradloomError `argument` for anything else.
 */
export function asGraded(output: Tensor | GradedOutputs): GradedOutputs {
  if (output instanceof GradedOutputs) return output;
  if (output instanceof Tensor) return new GradedOutputs(output, [{ output, weight: 1 }]);
  throw new GradloomError({
    code: 'argument',
    op: 'forward',
    got: `an output of the model that is ${output === undefined ? 'undefined' : 'no tensor'}`,
    expected: 'a tensor, or GradedOutputs in training',
    fix: "Return the tensor that the loss is for, such as a recurrent module's y",
  });
}
