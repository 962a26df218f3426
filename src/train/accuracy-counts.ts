/** Counts of right predictions where targets are numbers instead of class indices. */
import { IGNORED_LABEL } from '../data/dataset';
import type { Tensor } from '../graph/ir/graph';
import { argmax, cast, cat, correctAndTotal, gt, le, logicalAnd, logicalOr, reshape, sum } from '../ops';

/** (right predictions, predictions), `[2]`, of an output and a target as the loss takes them. */
export type CountRight = (output: Tensor, target: Tensor) => Tensor;

/** Element by element, above the thresholds on both sides or on neither; NaN is never right. */
export const countOfThresholds =
  (output: number, target: number): CountRight =>
  (x, y) => {
    const both = logicalAnd(gt(x, output), gt(y, target));
    const neither = logicalAnd(le(x, output), le(y, target));
    const right = cast(sum(logicalOr(both, neither)), { dtype: 'float32' });
    return cat([reshape(right, { shape: [1] }), x.graph.constant(new Float32Array([x.size]), [1])]);
  };

/** The largest score, the first of equals, is at the largest number of the target. */
export const countOfClasses =
  (dim: number): CountRight =>
  (x, target) => {
    const classes = x.shape.at(dim)!;
    // Classes in the last dim: one row per position.
    const rows = (tensor: Tensor) => (dim < 0 ? reshape(tensor, { shape: [-1, classes] }) : tensor);
    return correctAndTotal(rows(x), argmax(rows(target), { dim: 1 }), IGNORED_LABEL);
  };
