/** The epochs of one `fit`: where they are at any moment, and how they go on from somewhere else. */
import type { Variable } from '../graph/ir/variable';
import type { Augmenter } from './augment/augmenter';
import type { BatchRange, BatchRun, BatchRunner } from './batch-runner';
import { DivergedError, DivergenceWatch } from './divergence';
import { MetricAverages } from './metric-averages';
import type { MetricHistory, StepMetrics } from './metric-history';
import type { EpochInfo, Evaluation, FitOptions, History, StepMetricsInfo, TrainingData } from './types';

/** Where a `fit` is: after so many steps of an epoch. */
export interface FitPosition {
  epoch: number;
  /** Steps of the epoch that ran. */
  step: number;
  /** Number of the epoch among those that drew from the seed; absent before it begins and where nothing is drawn. */
  order?: number;
  /** Sums of the metrics that callbacks have heard of. */
  averages: Record<string, number>;
  /** Metrics of the steps after those. */
  undelivered: StepMetrics[];
  /** Epochs that are over. */
  epochs: EpochInfo[];
}

/** What decides the batches of a `fit`; it goes on only with the same. */
export interface FitSettings {
  batchSize: number;
  stepsPerEpoch: number;
  shuffle: boolean;
  /** Whether epochs are a number of full batches, which wrap around at the end of the data. */
  wraps: boolean;
}

/** What the loop needs of its trainer. */
export interface FitContext {
  runner: BatchRunner;
  history: MetricHistory;
  seed(): number;
  augmenter: Augmenter | undefined;
  /** Counts an order of the data. */
  nextOrder(): number;
  evaluate(data: TrainingData, batchSize: number, options: FitOptions): Promise<Evaluation>;
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

/** Steps in a row that `onNaN: 'skip'` skips. */
const MOST_SKIPPED = 100;

export class FitLoop {
  private epoch = 0;
  private step = 0;
  /** The step with which the run of this epoch began. */
  private from = 0;
  private order: number | undefined;
  private averages: MetricAverages;
  private restored: StepMetrics[] = [];
  private epochs: EpochInfo[] = [];
  /** What callbacks have heard of: steps, and epochs. */
  private toldSteps = 0;
  private told: EpochInfo[] = [];

  private watch: DivergenceWatch | undefined;
  /** Steps in a row that were skipped. */
  private skipped = 0;

  constructor(
    private readonly context: FitContext,
    readonly training: TrainingData,
    private readonly validation: TrainingData | undefined,
    readonly settings: FitSettings,
    private readonly options: FitOptions,
  ) {
    this.averages = new MetricAverages(context.areSums);
  }

  /** Where training is now; resolves when the metrics of all steps so far are there. */
  async position(): Promise<FitPosition> {
    const { epoch, step, order, averages, restored, epochs } = this;
    const running = this.context.history.undelivered(step - this.from);
    const state = { epoch, step, order, averages: averages.state, epochs: [...epochs] };
    return { ...state, undelivered: [...restored, ...(await running)] };
  }

  /** Goes on from a position, once what runs has ended. What callbacks have heard of they do not hear again. */
  rewind(position: FitPosition): void {
    this.epoch = position.epoch;
    this.step = position.step;
    this.from = position.step;
    this.order = position.order;
    this.averages = new MetricAverages(this.context.areSums, position.averages);
    this.restored = [...position.undelivered];
    this.epochs = [...position.epochs];
    const told = this.numberOf(position.epoch, position.step) - position.undelivered.length;
    this.toldSteps = Math.max(this.toldSteps, told);
    if (this.told.length < position.epochs.length) this.told = [...position.epochs];
  }

  /** Callbacks hear again of the steps from here on, which are others than those that they heard of. */
  retell(): void {
    this.toldSteps = Math.min(this.toldSteps, this.numberOf(this.epoch, this.step - this.restored.length));
    this.told.length = Math.min(this.told.length, this.epoch);
  }

  /** Number within `fit` of the step that a position is before. */
  numberAt({ epoch, step }: Pick<FitPosition, 'epoch' | 'step'>): number {
    return this.numberOf(epoch, step);
  }

  /** Number within `fit` of the first step of which nothing was heard. */
  get heardSteps(): number {
    return this.toldSteps;
  }

  /** Runs the steps before number `end` again, without telling of them. */
  async rerun(end: number): Promise<void> {
    const { stepsPerEpoch } = this.settings;
    while (this.numberOf(this.epoch, this.step) < end) {
      const count = Math.min(stepsPerEpoch, end - this.numberOf(this.epoch, 0));
      const { range: _, ...batches } = this.batch;
      const batchAt = (step: number) => this.batchAt(step);
      await this.context.runner.run({ ...batches, from: this.step, count, batchAt, onMetrics: () => {} });
      this.step = count;
      if (count < stepsPerEpoch) return;
      this.epoch++;
      this.step = 0;
      this.order = undefined;
    }
  }

  /** What the next step takes. */
  get batch(): Pick<BatchRun, 'data' | 'shuffle' | 'augment'> & { range: BatchRange } {
    const { context, settings, training: data } = this;
    const { augmenter } = context;
    if (settings.shuffle || augmenter) this.order ??= context.nextOrder();
    const epoch = this.order ?? 0;
    return {
      data,
      shuffle: settings.shuffle ? { seed: context.seed(), epoch } : undefined,
      augment: augmenter && { augmenter, epoch },
      range: this.batchAt(this.step),
    };
  }

  /** Puts the weights back to those before the epoch. */
  putBack(): void {
    this.watch?.putBack();
  }

  /** Whether all steps of an epoch ran, and none of the next one. */
  get isEpochStart(): boolean {
    return this.step === 0;
  }

  async run(): Promise<History> {
    const { context, options } = this;
    const { epochs = 1, signal, metrics } = options;
    // Before anything is trained: refuses unknown ones.
    if (metrics) (await import('./metrics')).metricsOf(metrics);
    const watches = options.onNaN !== 'ignore' && options.onNaN !== 'skip';
    const watch = watches ? new DivergenceWatch(context.variables) : undefined;
    this.watch = watch;
    const { stepsPerEpoch } = this.settings;
    const steps = (epochs - this.epoch) * stepsPerEpoch - this.step;
    await context.beforeRun(Math.max(0, steps), this.validation !== undefined);
    let partial: EpochInfo[] = [];
    // Host values may be older than those on the device: the way back leads to the weights as they are now.
    if (watch) await context.download();
    while (this.epoch < epochs && !signal?.aborted) {
      watch?.keep();
      partial = await this.runEpoch(watch);
      watch?.checkParameters(this.numberOf(this.epoch, this.step) - 1);
    }
    await context.download();
    watch?.checkParameters(this.numberOf(this.epoch, this.step) - 1);
    return { epochs: [...this.epochs, ...partial], aborted: signal?.aborted ?? false };
  }

  /** Runs the rest of an epoch. Returns what there is of one that was aborted. */
  private async runEpoch(watch: DivergenceWatch | undefined): Promise<EpochInfo[]> {
    const { context, training, validation, settings, options } = this;
    const { runner } = context;
    const start = performance.now();
    const { shuffle, augment } = this.batch;
    this.from = this.step;
    while (this.restored.length > 0) {
      const metrics = this.restored[0];
      const index = this.step - this.restored.length;
      await this.deliver(index, metrics, watch, () => this.restored.shift());
    }
    let weights: Promise<void> | undefined;
    const ran = await runner.run({
      data: training,
      shuffle,
      augment,
      from: this.from,
      count: settings.stepsPerEpoch,
      batchAt: (step) => this.batchAt(step),
      beforeStep: (step) => {
        this.step = step;
        context.beforeStep();
        this.step = step + 1;
      },
      onMetrics: (step, metrics) => this.deliver(step, metrics, watch),
      onPause: (step) => {
        // What is to be saved is saved before the wait.
        this.step = step;
        context.beforeStep();
      },
      onSubmitted: () => {
        // Weights outlive the device from here on; they come back while the metrics do, and the validation.
        weights = context.download();
        weights.catch(() => {});
      },
      signal: options.signal,
    });
    if (ran === 0) return [];
    let info: EpochInfo | undefined = this.told[this.epoch];
    const isTold = info !== undefined;
    info ??= {
      epoch: this.epoch,
      ...this.averages.means(),
      seconds: (performance.now() - start) / 1000,
    };
    const aborted = options.signal?.aborted ?? false;
    if (validation && !aborted && !isTold) {
      const found = await context.evaluate(validation, settings.batchSize, options);
      info.validationLoss = found.loss;
      if (found.accuracy !== undefined) info.validationAccuracy = found.accuracy;
      if (found.metrics) info.validationMetrics = found.metrics;
    }
    await (weights ?? context.download());
    if (!aborted) {
      context.afterEpoch(info);
      this.epochs.push(info);
      this.epoch++;
      this.step = 0;
      this.from = 0;
      this.order = undefined;
      this.averages = new MetricAverages(context.areSums);
      if (!isTold) this.told.push(info);
    }
    if (!isTold) await options.onEpoch?.(info);
    return aborted ? [info] : [];
  }

  private async deliver(
    index: number,
    metrics: StepMetrics,
    watch: DivergenceWatch | undefined,
    before?: () => void,
  ): Promise<void> {
    const { epoch, settings, options, context } = this;
    before?.();
    const number = this.numberOf(epoch, index);
    if (options.onNaN === 'skip' && !Number.isFinite(metrics.gradNorm)) await this.skip(number, metrics);
    else {
      this.skipped = 0;
      this.averages.add(metrics, this.batchAt(index).size);
    }
    if (number >= this.toldSteps) {
      this.toldSteps = number + 1;
      const { stepsPerEpoch } = settings;
      await options.onStep?.({ epoch, step: number, stepsPerEpoch, ...context.stepInfo(metrics) });
    }
    watch?.checkLoss(number, metrics);
  }

  /** A step whose gradients are no finite numbers: the GPU has left parameters and running statistics as they were. */
  private async skip(step: number, { loss, gradNorm }: StepMetrics): Promise<void> {
    if (++this.skipped > MOST_SKIPPED) {
      const got = `${gradNorm} for the ${this.skipped}th step in a row`;
      throw new DivergedError(step, `the norm of the gradients of step ${step + 1}`, got);
    }
    if (step < this.toldSteps) return;
    await this.options.onDivergence?.({ policy: 'skip', step, loss, gradNorm });
  }

  private numberOf(epoch: number, step: number): number {
    return epoch * this.settings.stepsPerEpoch + step;
  }

  private batchAt(step: number): BatchRange {
    const { batchSize, wraps } = this.settings;
    const { length } = this.training;
    return {
      start: (step * batchSize) % length,
      cycle: Math.floor((step * batchSize) / length),
      size: wraps ? batchSize : Math.min(batchSize, length - step * batchSize),
    };
  }
}
