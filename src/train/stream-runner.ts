/** Steps of a training step on batches that come from the host, while they come. */
import type { LoadedBatch } from '../data/loader/collate';
import type { DataLoader } from '../data/loader/loader';
import { checkLater, keyOf, samplesIn, tensorsOf, writeBatch } from './batch-inputs';
import type { BatchMetrics } from './batch-metrics';
import { ignoredIndex } from './loss';
import type { Measured } from './measured';
import type { MetricHistory, OnMetrics } from './metric-history';
import type { Pace } from './pace';
import type { RateOf } from './rates';
import type { RunControl } from './run-control';
import type { TrainStep } from './train-step';

export interface StreamParts {
  step: TrainStep;
  history: MetricHistory;
  metrics: BatchMetrics;
  rateOf(): RateOf | undefined;
  pace: Pace | undefined;
  skipsNonfinite: boolean;
}

export interface StreamRun {
  data: DataLoader;
  /** Number of the epoch, which decides the order. */
  epoch: number;
  /** Batches of the epoch that are left out. */
  from: number;
  /** The step before which to end; the end of the epoch unless given. */
  count?: number;
  /** Called before a step is submitted, when all before it are. */
  beforeStep(step: number, samples: number): void;
  onMetrics: OnMetrics;
  onSubmitted?(): void;
  onPause?(step: number): void;
  signal?: AbortSignal;
  control?: RunControl;
}

/** Returns the number of the step after the last one that ran. */
export async function runStream(parts: StreamParts, run: StreamRun): Promise<number> {
  const { step, history, metrics, pace, skipsNonfinite } = parts;
  const { data, epoch, from, count } = run;
  if (count !== undefined && from >= count) return from;
  await metrics.readyForNamed();
  const batches = data.iterate(epoch, { from, signal: run.signal });
  const planOf = (batch: LoadedBatch) =>
    step.planWith(
      `batch ${keyOf(batch)}${skipsNonfinite ? ' skips' : ''}`,
      (graph) => {
        const check = (measured: Measured) => checkLater(measured, ignoredIndex(metrics.options.loss));
        return metrics.record(tensorsOf(graph, batch), undefined, check);
      },
      (outputs) => history.record(outputs as Parameters<MetricHistory['record']>[0]),
      { skipsNonfinite },
    );
  try {
    const ran = await history.run({
      count: count === undefined ? undefined : count - from,
      stepOf: async (index) => {
        const { done, value: batch } = await batches.next();
        if (done) return undefined;
        const samples = samplesIn(batch);
        let plan = await planOf(batch);
        // Again, because a plan that updates fewer parameters than those before makes these invalid.
        plan = await planOf(batch);
        return () => {
          run.beforeStep(from + index, samples);
          writeBatch(plan, batch);
          return { plan, values: step.nextValues(step.updatedBy(plan), parts.rateOf()) };
        };
      },
      onMetrics: (index, values) => run.onMetrics(from + index, values),
      onSubmitted: run.onSubmitted,
      onPause: (index) => run.onPause?.(from + index),
      signal: run.signal,
      control: run.control,
      pace,
    });
    return from + ran;
  } finally {
    await batches.return(undefined);
  }
}
