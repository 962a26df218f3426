/** Metrics of classes and of yes and no. */

import type { Tensor } from '../../graph/ir/graph';
import {
  argmax,
  cast,
  crossEntropy,
  eq,
  gt,
  le,
  logicalNot,
  lt,
  matmul,
  mul,
  nllLoss,
  reshape,
  stack,
  sum,
  takeAlongDim,
  transpose,
  unsqueeze,
  where,
} from '../../ops';
import type { Answers, ClassRows } from './answers';
import { type Metric, summed, unfit } from './metric';

const OF_CLASSES = 'class indices, or one-hot targets of crossEntropy';
const OF_LABELS = `${OF_CLASSES}, or a loss of yes and no such as bceWithLogits`;

const asFloat = (mask: Tensor): Tensor => cast(mask, { dtype: 'float32' });

function rowsFor(answers: Answers, metric: string): ClassRows {
  const rows = answers.classRows();
  if (!rows) throw unfit(metric, OF_CLASSES);
  return rows;
}

/** [M, classes] with 1 at the index of each row. */
function marks(indices: Tensor, classes: number): Tensor {
  const numbers = indices.graph.constant(
    Int32Array.from({ length: classes }, (_, c) => c),
    [classes],
  );
  return asFloat(eq(unsqueeze(indices, { dim: 1 }), numbers));
}

/** What is given and what is right as 0 and 1, `[M, classes]`; rows that do not count are 0. */
function marksOf(answers: Answers, metric: string) {
  const decisions = answers.decisions();
  if (decisions) return { ...decisions, isLabels: true };
  const rows = answers.classRows();
  if (!rows) throw unfit(metric, OF_LABELS);
  const { scores, labels, counts } = rows;
  const counted = (indices: Tensor) => mul(marks(indices, scores.shape[1]), unsqueeze(counts, { dim: 1 }));
  return { given: counted(argmax(scores, { dim: 1 })), right: counted(labels), isLabels: false };
}

/** (what the sum is of, what counts) as one tensor. */
const pair = (values: Tensor, counts: Tensor) => stack([sum(values), sum(counts)]);

/** Share of targets among the k largest scores. Scores as large as the target's do not come before it, NaN does. */
export const topK =
  (k: number): Metric =>
  (answers, name) => {
    const { scores, labels, counts } = rowsFor(answers, name);
    const own = takeAlongDim(scores, unsqueeze(labels, { dim: 1 }), { dim: 1 });
    const before = sum(asFloat(logicalNot(le(scores, own))), { dim: 1 });
    const values = pair(mul(asFloat(lt(before, k)), counts), counts);
    return { values, accumulator: summed(([right, total]) => right / total) };
  };

/** exp of the mean negative log-likelihood of the class indices that count. */
export const perplexity: Metric = (answers, name) => {
  const { scores, labels, counts } = rowsFor(answers, name);
  const likelihood = answers.isLogProbabilities ? nllLoss : crossEntropy;
  const losses = likelihood(scores, labels, undefined, { reduction: 'none' });
  // The loss of a row that does not count may be infinite.
  const values = pair(where(gt(counts, 0), losses, 0), counts);
  return { values, accumulator: summed(([loss, total]) => Math.exp(loss / total)) };
};

/** Rows are right classes, columns given ones; of one label of yes and no [[no, no], [no, yes]] and so on. */
export const confusionMatrix: Metric = (answers, name) => {
  let { given, right, isLabels } = marksOf(answers, name);
  if (isLabels) {
    if (given.shape[1] !== 1) throw unfit(name, `${OF_CLASSES}, or one label of yes and no`);
    [given, right] = [given, right].map((yes) =>
      marks(cast(reshape(yes, { shape: [-1] }), { dtype: 'int32' }), 2),
    );
  }
  const classes = given.shape[1];
  const values = matmul(transpose(right, { dim0: 0, dim1: 1 }), given);
  const finish = (sums: Float64Array) =>
    Array.from({ length: classes }, (_, row) => [...sums.subarray(row * classes, (row + 1) * classes)]);
  return { values, accumulator: summed(finish) };
};

export type Average = 'Macro' | 'Micro' | 'Weighted' | 'PerClass';

/** Of true positives, all that is given and all that is right; 0 where there is none, as in scikit-learn. */
const SCORES = {
  precision: (hits: number, given: number, _right: number) => ratio(hits, given),
  recall: (hits: number, _given: number, right: number) => ratio(hits, right),
  f1: (hits: number, given: number, right: number) => ratio(2 * hits, given + right),
  /** Intersection over union, the Jaccard index. */
  iou: (hits: number, given: number, right: number) => ratio(hits, given + right - hits),
};
const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

/**
 * Precision, recall, F1 and IoU. The macro mean is over the classes that occur or are given, of labels over all, as in
 * torchmetrics; micro sums before it divides; weighted goes by how often classes are right.
 */
export const scoreOf =
  (score: keyof typeof SCORES, average: Average): Metric =>
  (answers, name) => {
    const { given, right, isLabels } = marksOf(answers, name);
    const values = stack([mul(given, right), given, right].map((mask) => sum(mask, { dim: 0 })));
    const classes = given.shape[1];
    const finish = (sums: Float64Array) => {
      const parts = [0, 1, 2].map((i) => [...sums.subarray(i * classes, (i + 1) * classes)]);
      const compute = SCORES[score];
      if (average === 'Micro') {
        const [hits, all, wanted] = parts.map((part) => part.reduce((a, b) => a + b, 0));
        return compute(hits, all, wanted);
      }
      const each = parts[0].map((hits, c) => compute(hits, parts[1][c], parts[2][c]));
      if (average === 'PerClass') return each;
      if (average === 'Weighted') {
        const all = parts[2].reduce((a, b) => a + b, 0);
        return ratio(
          each.reduce((sum, value, c) => sum + value * parts[2][c], 0),
          all,
        );
      }
      const used = each.filter((_, c) => isLabels || parts[1][c] + parts[2][c] > 0);
      return used.reduce((a, b) => a + b, 0) / used.length;
    };
    return { values, accumulator: summed(finish) };
  };
