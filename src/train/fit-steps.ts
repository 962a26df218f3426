/** `Trainer.fitSteps`: a number of steps on batches in the data's own order. */
import type { BatchRunner } from './batch-runner';
import type { RunGuard } from './checkpoint/guard';
import type { TrainerState } from './checkpoint/state';
import type { MetricHistory, StepMetrics } from './metric-history';
import type { RunRecord } from './run-record';
import type { StepMetricsInfo, TrainingData } from './types';

export interface FitStepsOptions {
  steps: number;
  batchSize?: number;
  sync?: boolean;
  /** Called with each step's metrics, a little after it ran. */
  onStep?(info: StepMetricsInfo & { step: number }): unknown;
}

export interface FitStepsParts {
  run: RunRecord;
  runner: BatchRunner;
  history: MetricHistory;
  guard: RunGuard;
  stepInfo(metrics: StepMetrics): StepMetricsInfo;
}

/** @returns the losses, and the sample with which the next call goes on. */
export async function fitSteps(
  { run, runner, guard, stepInfo }: FitStepsParts,
  data: TrainingData,
  first: number,
  options: FitStepsOptions & { batchSize: number },
): Promise<{ losses: number[]; start: number }> {
  const { steps, batchSize, sync = true } = options;
  const losses: number[] = [];
  const batchAt = (step: number) => ({
    start: (first + step * batchSize) % data.length,
    size: batchSize,
  });
  const before = run.step.steps;
  let from = 0;
  let told = 0;
  const rewind = ({ step }: TrainerState) => {
    from = step.updates - before;
  };
  const { start } = batchAt(steps);
  // Without `sync` nothing is read back that is not asked for, snapshots included.
  await guard.protect({ recover: sync }, rewind, async () => {
    await runner.run({
      data,
      from,
      count: steps,
      batchAt,
      beforeStep: (step) => {
        run.cursor = { start: batchAt(step).start, of: data };
        guard.beforeStep();
      },
      onMetrics: (step, metrics) => {
        losses[step] = metrics.loss;
        if (step < told) return;
        told = step + 1;
        return options.onStep?.({ step, ...stepInfo(metrics) });
      },
    });
    run.cursor = { start, of: data };
    if (sync) await run.step.download();
  });
  return { losses, start };
}
