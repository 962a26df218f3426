/** Class indices as targets: whether a model's output is class scores for them, and whether it has one for each. */
import { TokenWindows } from '../data/text/windows';
import { GradloomError } from '../errors';
import type { Tensor } from '../graph/tensor';
import type { TrainingData } from './types';

/** Refuses labels that the model has no logit for; the GPU could not tell. */
export function checkLabels(data: TrainingData, output: Tensor, classesLast = false): void {
  const classes = output.shape.at(classesLast ? -1 : 1)!;
  if (data instanceof TokenWindows) {
    if (data.vocabSize > classes)
      throw labelError(`vocabulary of ${data.name}`, `${data.vocabSize} tokens`, classes);
    return;
  }
  if (!(data.y instanceof Int32Array) || output.rank !== data.yShape.length + 2) return;
  const at = data.y.findIndex((label) => label >= classes);
  if (at < 0) return;
  throw labelError(
    `label of sample ${Math.floor(at / data.ySize)} of ${data.name}`,
    String(data.y[at]),
    classes,
  );
}

function labelError(argument: string, got: string, classes: number): GradloomError {
  return new GradloomError({
    code: 'data',
    op: 'Trainer',
    argument,
    got,
    expected: `0 to ${classes - 1}, because the model has ${classes} outputs`,
    fix: 'Give the last layer one output per class',
  });
}

/** Logits `[N, C, ...]` for class indices `[N, ...]`. */
export const classifies = (output: Tensor, target: Tensor) =>
  target.dtype === 'i32' && output.rank === target.rank + 1;
