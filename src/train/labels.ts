/** Class indices as targets: whether a model's output is class scores for them, and whether it has one for each. */
import { TokenWindows } from '../data/text/windows';
import { GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { reshape } from '../ops';
import type { TrainingData } from './types';

/**
 * Output and class indices as a loss takes them. Scores `[N, classes, ...]` for targets `[N, ...]` stay as they are;
 * scores that come last, `[N, ..., classes]`, become one row per position: where `classesLast` says so, and where the
 * shapes fit in no other way or it is what the model does as a rule (`usual`). One row per position already, `[N * ..., classes]`, takes flat targets.
 */
export function scoresAndLabels(
  output: Tensor,
  target: Tensor,
  classesLast: boolean | undefined,
  usual: boolean | undefined,
): [Tensor, Tensor] {
  const positions = target.shape.join();
  const first = [output.shape[0], ...output.shape.slice(2)].join() === positions;
  const last = output.shape.slice(0, -1).join() === positions;
  const indices = target.dtype === 'i32' && output.rank > 1 && target.rank > 1;
  const rows = output.rank === 2 && output.shape[0] === target.size;
  const guess = indices && (rows || (last && (!first || usual === true)));
  if (!(classesLast ?? guess)) return [output, target];
  return [reshape(output, { shape: [-1, output.shape.at(-1)!] }), reshape(target, { shape: [-1] })];
}

/** Refuses labels other than `ignoreIndex` that the model has no score for; the GPU could not tell. `output` and `target` are as the loss takes them. */
export function checkLabels(data: TrainingData, output: Tensor, target: Tensor, ignoreIndex: number): void {
  const classes = output.shape[1];
  if (data instanceof TokenWindows) {
    if (data.vocabSize > classes)
      throw labelError(`vocabulary of ${data.name}`, `${data.vocabSize} tokens`, classes);
    return;
  }
  if (!(data.y instanceof Int32Array) || !classifies(output, target)) return;
  const at = data.y.findIndex((label) => label !== ignoreIndex && !(label >= 0 && label < classes));
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
    fix: 'Give the last layer one output per class, or leave labels out with ignoreIndex of the loss',
  });
}

/** Logits `[N, C, ...]` for class indices `[N, ...]`. */
export const classifies = (output: Tensor, target: Tensor) =>
  target.dtype === 'i32' && output.rank === target.rank + 1;
