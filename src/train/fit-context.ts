/** Interface between the loop of `fit` and its trainer. */
import type { DataLoader } from '../data/loader';
import { GradloomError } from '../errors';
import type { Variable } from '../graph/ir/variable';
import type { Augmenter } from './augment/augmenter';
import type { BatchRunner } from './batch-runner';
import type { MetricHistory, StepMetrics } from './metric-history';
import type { RunControl } from './run-control';
import type { EpochInfo, Evaluation, FitOptions, StepMetricsInfo, TrainingData } from './types';

/** What the loop needs of its trainer. */
export interface FitContext {
  runner: BatchRunner;
  history: MetricHistory;
  seed(): number;
  augmenter: Augmenter | undefined;
  /** Counts an order of the data. */
  nextOrder(): number;
  evaluate(data: TrainingData | DataLoader, batchSize: number, options: FitOptions): Promise<Evaluation>;
  /** The learning rate of the next step. */
  rate(): number;
  control: RunControl;
  /** Submits the copies of the weights to the host; resolves when they are there. */
  download(): Promise<void>;
  stepInfo(metrics: StepMetrics): StepMetricsInfo;
  /** Called before each step is submitted, when all before it are. */
  beforeStep(): void;
  /** Parameters and buffers of the model, whose host values are those of the last download. */
  variables: readonly Variable[];
  /** Whether the loss of a batch is the sum over its samples. */
  areSums: boolean;
  /** Called before the first of so many steps. */
  beforeRun(steps: number, hasValidation: boolean): Promise<void>;
  /** Called at the end of every epoch that was not aborted, before callbacks hear of it. */
  afterEpoch(info: EpochInfo): void;
}

/** What the loop tells, beside what `fit` is told. */
export interface LoopOptions extends FitOptions {
  onEpochBegin?(info: { epoch: number }): unknown;
  onStepBegin?(info: { epoch: number; step: number }): unknown;
}

/** The error of an epoch that has no batch. */
export const noBatch = (name: string) =>
  new GradloomError({
    code: 'data',
    op: 'Trainer.fit',
    argument: name,
    got: 'an epoch without a batch',
    expected: 'at least one',
    fix: 'An iterator is used up after one epoch: give the DataLoader a function that opens another one; dropLast leaves out batches that are not full',
  });
