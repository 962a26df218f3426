/** Targets as the losses by name take them, beside the outputs of a model. */
import { formatShape, GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { cast, reshape } from '../ops';
import { type LossFunction, type LossSpec, nameOf } from './loss';

/** Losses of rows of class scores, with targets of other shapes than the output. */
export const OF_CLASSES: readonly string[] = ['crossEntropy', 'nllLoss', 'multiMarginLoss'];

/** Sizes without those of 1 at the end. */
const trimmed = (shape: readonly number[]): string => {
  const sizes = [...shape];
  while (sizes.at(-1) === 1) sizes.pop();
  return sizes.join();
};

/**
 * The target in type and shape of the output, for losses by name that compare element by element: whole numbers become
 * floats, and as in Keras `[N]` and `[N, 1]` mean the same. Anything else would be broadcast, `[N, 1]` with `[N]` to
 * `[N, N]`, and is refused. Functions get what the data holds.
 * @throws GradloomError `shape` naming both shapes.
 */
export function fittedTarget(loss: LossSpec | LossFunction, output: Tensor, target: Tensor): Tensor {
  if (typeof loss === 'function') return target;
  const name = nameOf(loss);
  const isSame = output.shape.join() === target.shape.join();
  if (OF_CLASSES.includes(name)) {
    // Probabilities, as of one-hot vectors.
    return isSame && name === 'crossEntropy' && target.dtype === 'i32' ? floats(target) : target;
  }
  // Lists of labels; those of data sets are floats, because they end with -1.
  if (isSame && name === 'multilabelMarginLoss') return cast(target, { dtype: 'int32' });
  if (isSame) return floats(target);
  const batch = output.shape[0] === target.shape[0];
  if (batch && trimmed(output.shape.slice(1)) === trimmed(target.shape.slice(1))) {
    return reshape(floats(target), { shape: [...output.shape] });
  }
  throw new GradloomError({
    code: 'shape',
    op: name,
    argument: 'target',
    got: `${formatShape(target.shape)} for the model's output ${formatShape(output.shape)}`,
    expected: 'one target for each output: the same shape',
    fix: `Give the last layer as many outputs as a target has values, or targets the yShape ${formatShape(output.shape.slice(1))}`,
  });
}

const floats = (target: Tensor): Tensor =>
  target.dtype === 'i32' ? cast(target, { dtype: 'float32' }) : target;
