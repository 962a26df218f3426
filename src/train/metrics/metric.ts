/** Metrics: sums of a batch on the device, which the host adds up over the data set. */
import { GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import type { MetricValue } from '../types';
import type { Answers } from './answers';

/** Adds up the batches of a data set, in float64. */
export interface Accumulator {
  /** @param values of the batch, whose samples are `samples` */
  add(values: Float32Array, samples: number): void;
  value(): MetricValue;
}

export interface RecordedMetric {
  /** The numbers of a batch that come to the host. */
  values: Tensor;
  accumulator(): Accumulator;
}

/** Records a metric of a batch. @throws GradloomError where the loss gives no such answers. */
export type Metric = (answers: Answers, name: string) => RecordedMetric;

/** Batches whose numbers add up. */
export function summed(finish: (sums: Float64Array) => MetricValue): () => Accumulator {
  return () => {
    let sums: Float64Array | undefined;
    return {
      add(values) {
        sums ??= new Float64Array(values.length);
        values.forEach((value, i) => {
          sums![i] += value;
        });
      },
      value: () => finish(sums ?? new Float64Array()),
    };
  };
}

/** The error of a metric that the loss and its targets have no answers for. */
export const unfit = (metric: string, expected: string) =>
  new GradloomError({
    code: 'argument',
    op: 'Trainer',
    argument: 'metrics',
    got: `${metric} for a loss or targets that it is not defined for`,
    expected,
    fix: 'A function (output, target) => scalar tensor measures anything else',
  });
