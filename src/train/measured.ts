/** Batches as trainers record them, and what is measured of them. */
import type { Tensor } from '../graph/ir/graph';
import { scoresAndLabels } from './labels';
import type { LossFunction, LossSpec } from './loss';
import { fittedTarget } from './targets';

/** A batch as a trainer records it: tensors, or several by name; `weight` [N] is what each sample counts for. */
export interface BatchTensors {
  x: Tensor | Record<string, Tensor>;
  y: Tensor | Record<string, Tensor>;
  weight?: Tensor;
}

export interface Measured {
  loss: Tensor;
  counts: Tensor | undefined;
  prediction: Tensor;
  target: Tensor;
  /** Of a model with several outputs: those that have a loss, by name. */
  parts?: [string, Measured][];
}

/** Output and targets in the forms that a loss takes. */
export function asLossTakes(
  loss: LossSpec | LossFunction,
  output: Tensor,
  targets: Tensor,
  classesLast: boolean | undefined,
  usual: boolean | undefined,
): [Tensor, Tensor] {
  const [y, labels] = scoresAndLabels(output, targets, classesLast, usual);
  return [y, fittedTarget(loss, y, labels)];
}
