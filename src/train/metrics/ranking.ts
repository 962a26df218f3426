/** Metrics of how scores rank right answers over wrong ones: they need all scores, which come to the host. */
import type { Tensor } from '../../graph/ir/graph';
import { cast, cat, gt, reshape, softmax, sub, takeAlongDim, unsqueeze } from '../../ops';
import type { MetricValue } from '../types';
import type { Answers } from './answers';
import { type Accumulator, type Metric, unfit } from './metric';

/** What is computed of the scores of one class and whether each is right; undefined where it is not defined. */
type Ranking = (scores: readonly number[], right: readonly boolean[]) => number | undefined;

/**
 * Area under the ROC curve: the share of (right, wrong) pairs in which the right one has the higher score, of equals one half
 * (Mann & Whitney). Not defined without right and wrong ones.
 */
const areaUnderRoc: Ranking = (scores, right) => {
  if (scores.some(Number.isNaN)) return Number.NaN;
  const order = scores.map((_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let [ranks, positive] = [0, 0];
  for (let i = 0; i < order.length; ) {
    let end = i;
    while (end < order.length && scores[order[end]] === scores[order[i]]) end++;
    // Equals share the mean of their ranks.
    for (let j = i; j < end; j++) {
      if (!right[order[j]]) continue;
      ranks += (i + end + 1) / 2;
      positive++;
    }
    i = end;
  }
  const negative = order.length - positive;
  if (positive === 0 || negative === 0) return undefined;
  return (ranks - (positive * (positive + 1)) / 2) / (positive * negative);
};

/** Sum of precision times the rise of recall over all thresholds, as sklearn.metrics.average_precision_score. */
const averagePrecisionOf: Ranking = (scores, right) => {
  if (scores.some(Number.isNaN)) return Number.NaN;
  const order = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a]);
  const all = right.filter(Boolean).length;
  if (all === 0) return undefined;
  let [hits, sum] = [0, 0];
  for (let i = 0; i < order.length; ) {
    let end = i;
    let found = 0;
    while (end < order.length && scores[order[end]] === scores[order[i]])
      found += Number(right[order[end++]]);
    hits += found;
    sum += (found / all) * (hits / end);
    i = end;
  }
  return sum;
};

/** [M, 2 classes]: scores and, behind them, 1 where they are right; rows that do not count have -1. */
function ranked(answers: Answers, name: string): Tensor {
  const yes = answers.scoresOfLabels();
  if (yes) return cat([yes.scores, yes.right], { dim: 1 });
  const rows = answers.classRows();
  if (!rows) throw unfit(name, 'class indices, one-hot targets of crossEntropy, or a loss of yes and no');
  const { scores, labels, counts } = rows;
  const classes = scores.shape[1];
  const probabilities = answers.isLogProbabilities ? scores : softmax(scores, { dim: 1 });
  const { graph } = scores;
  const unit = graph.constant(
    Float32Array.from({ length: classes ** 2 }, (_, i) => Number(i % (classes + 1) === 0)),
    [classes, classes],
  );
  const index = unsqueeze(labels, { dim: 1 });
  const marks = takeAlongDim(
    unit,
    reshape(
      cat(
        Array.from({ length: classes }, () => index),
        { dim: 1 },
      ),
      { shape: [labels.size, classes] },
    ),
    { dim: 0 },
  );
  // marks - (1 - counts): what does not count is below 0.
  const missing = cast(gt(unsqueeze(counts, { dim: 1 }), 0), { dtype: 'float32' });
  return cat([probabilities, sub(marks, sub(1, missing))], { dim: 1 });
}

const rankingMetric =
  (compute: Ranking, isPerClass: boolean): Metric =>
  (answers, name) => {
    const values = ranked(answers, name);
    const classes = values.shape[1] / 2;
    const accumulator = (): Accumulator => {
      const scores: number[][] = Array.from({ length: classes }, () => []);
      const right: boolean[][] = Array.from({ length: classes }, () => []);
      return {
        add(batch) {
          for (let at = 0; at < batch.length; at += 2 * classes) {
            for (let c = 0; c < classes; c++) {
              const mark = batch[at + classes + c];
              if (mark < 0) continue;
              scores[c].push(batch[at + c]);
              right[c].push(mark > 0.5);
            }
          }
        },
        value(): MetricValue {
          const each = scores.map((list, c) => compute(list, right[c]));
          if (isPerClass) return each.map((value) => value ?? Number.NaN);
          const defined = each.filter((value) => value !== undefined);
          return defined.reduce((a, b) => a + b, 0) / defined.length;
        },
      };
    };
    return { values, accumulator };
  };

export const auc = rankingMetric(areaUnderRoc, false);
export const aucPerClass = rankingMetric(areaUnderRoc, true);
export const averagePrecision = rankingMetric(averagePrecisionOf, false);
