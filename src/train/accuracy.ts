/** Which predictions of a batch are right, by the loss that they are trained with. */
import { TokenWindows } from '../data/text/windows';
import type { CountRight } from './accuracy-counts';
import { type LossFunction, type LossSpec, nameOf } from './loss';
import type { TrainingData } from './types';

/** Above what number an output, and above what number a target, says yes. */
export const THRESHOLDS: Readonly<Record<string, readonly [output: number, target: number]>> = {
  binaryCrossEntropy: [0.5, 0.5],
  binaryCrossEntropyWithLogits: [0, 0.5],
  multilabelSoftMarginLoss: [0, 0.5],
  sigmoidFocalLoss: [0, 0.5],
  // Labels of -1 and 1, or of 0 and 1.
  hinge: [0, 0],
  squaredHinge: [0, 0],
  softMarginLoss: [0, 0],
};

/** Dims of the classes of losses whose targets may be a number for each class. */
export const CLASS_DIMS: Readonly<Record<string, number>> = { crossEntropy: 1, categoricalHinge: -1 };

/**
 * How the right predictions of a loss are counted where targets are no class indices; nothing where predictions are
 * neither right nor wrong. The code is loaded for data that needs it.
 */
export async function loadAccuracy(
  spec: LossSpec | LossFunction,
  data: TrainingData,
): Promise<CountRight | undefined> {
  if (typeof spec === 'function') return undefined;
  const name = nameOf(spec);
  const thresholds = THRESHOLDS[name];
  const dim = CLASS_DIMS[name];
  // One-hot targets may be whole numbers, but have a dimension; class indices of texts have one, too.
  const isIndex = data instanceof TokenWindows || (data.y instanceof Int32Array && data.yShape.length === 0);
  if (!thresholds && (dim === undefined || isIndex)) return undefined;
  const { countOfClasses, countOfThresholds } = await import('./accuracy-counts');
  return thresholds ? countOfThresholds(...thresholds) : countOfClasses(dim);
}
