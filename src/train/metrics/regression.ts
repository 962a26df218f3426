/** Metrics of numbers beside numbers. */
import type { Tensor } from '../../graph/ir/graph';
import { abs, cast, cat, mean, reshape, square, sub, sum } from '../../ops';
import type { Answers } from './answers';
import { type Accumulator, type Metric, unfit } from './metric';

function pairs(answers: Answers, metric: string): { output: Tensor; target: Tensor } {
  if (!answers.isSameShape || answers.target.dtype === 'i32')
    throw unfit(metric, 'targets of the shape of the output, as of mse');
  return { output: cast(answers.output, { dtype: 'float32' }), target: answers.target };
}

/** The mean over all elements of what is summed. */
const meanOf =
  (term: (difference: Tensor) => Tensor, finish: (mean: number) => number = (value) => value): Metric =>
  (answers, name) => {
    const { output, target } = pairs(answers, name);
    const perSample = output.size / output.shape[0];
    const accumulator = (): Accumulator => {
      let [total, count] = [0, 0];
      return {
        add([value], samples) {
          total += value;
          count += samples * perSample;
        },
        value: () => finish(total / count),
      };
    };
    return { values: reshape(sum(term(sub(output, target))), { shape: [1] }), accumulator };
  };

export const mae = meanOf(abs);
export const mse = meanOf(square);
export const rmse = meanOf(square, Math.sqrt);

/**
 * 1 - squared errors / squared deviations of the targets from their mean, averaged over outputs, as in scikit-learn. Means
 * and deviations of batches are merged (Chan et al.), because sums of squares would cancel.
 */
export const r2: Metric = (answers, name) => {
  const { output, target } = pairs(answers, name);
  const shape = [output.shape[0], -1];
  const [x, y] = [output, target].map((tensor) => reshape(tensor, { shape }));
  const columns = x.shape[1];
  const means = mean(y, { dim: 0, keepdim: true });
  const errors = sum(square(sub(x, y)), { dim: 0, keepdim: true });
  const values = cat([means, sum(square(sub(y, means)), { dim: 0, keepdim: true }), errors]);
  const accumulator = (): Accumulator => {
    let count = 0;
    const [mean, deviation, error] = [0, 1, 2].map(() => new Float64Array(columns));
    return {
      add(values, samples) {
        const all = count + samples;
        for (let c = 0; c < columns; c++) {
          const gap = values[c] - mean[c];
          deviation[c] += values[columns + c] + (gap * gap * count * samples) / all;
          mean[c] += (gap * samples) / all;
          error[c] += values[2 * columns + c];
        }
        count = all;
      },
      value() {
        // Targets that are all the same: right, or not at all.
        const each = Array.from(error, (e, c) =>
          deviation[c] === 0 ? Number(e === 0) : 1 - e / deviation[c],
        );
        return each.reduce((a, b) => a + b, 0) / columns;
      },
    };
  };
  return { values, accumulator };
};
