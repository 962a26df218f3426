/** The epochs of one `fit`: where they are at any moment, and how they go on from somewhere else. */
import type { DataLoader } from '../data/loader';
import type { BatchRange, BatchRun } from './batch-runner';
import { DivergedError, DivergenceWatch } from './divergence';
import { type FitContext, type LoopOptions, noBatch } from './fit-context';
import { isLoader } from './fit-data';
import { MetricAverages } from './metric-averages';
import type { StepMetrics } from './metric-history';
import type { EpochInfo, History, TrainingData } from './types';

/** Where a `fit` is: after so many steps of an epoch. */
export interface FitPosition {
  epoch: number;
  /** Steps of the epoch that ran. */
  step: number;
  /** Number of the epoch among those that drew from the seed; absent before it begins and where nothing is drawn. */
  order?: number;
  /** Steps of the epochs before this one; the steps of an epoch times their number unless given. */
  before?: number;
  /** Where in the epoch the batch size changed last: after how many steps and samples. */
  base?: { step: number; sample: number };
  /** Sums of the metrics that callbacks have heard of. */
  averages: Record<string, number>;
  /** Metrics of the steps after those. */
  undelivered: StepMetrics[];
  /** Epochs that are over. */
  epochs: EpochInfo[];
}

/** What decides the batches of a `fit`; it goes on only with the same. */
export interface FitSettings {
  /** 0 where a loader decides. */
  batchSize: number;
  /** Not there for streams, whose length is not known. */
  stepsPerEpoch?: number;
  shuffle: boolean;
  /** Whether epochs are a number of full batches, which wrap around at the end of the data. */
  wraps: boolean;
}

/** Steps in a row that `onNaN: 'skip'` skips. */
const MOST_SKIPPED = 100;

export class FitLoop {
  private epoch = 0;
  private step = 0;
  /** The step with which the run of this epoch began. */
  private from = 0;
  private order: number | undefined;
  private before = 0;
  private base = { step: 0, sample: 0 };
  /** Rates and sizes of steps that are submitted and not delivered. */
  private readonly submitted = new Map<number, Pick<StepMetrics, 'learningRate' | 'samples'>>();
  private averages: MetricAverages;
  private restored: StepMetrics[] = [];
  private epochs: EpochInfo[] = [];
  /** Steps and epochs reported to callbacks. */
  private toldSteps = 0;
  private told: EpochInfo[] = [];

  private watch: DivergenceWatch | undefined;
  /** Steps in a row that were skipped. */
  private skipped = 0;

  constructor(
    private readonly context: FitContext,
    readonly training: TrainingData | DataLoader,
    private readonly validation: TrainingData | DataLoader | undefined,
    readonly settings: FitSettings,
    private readonly options: LoopOptions,
  ) {
    this.averages = new MetricAverages(context.areSums);
  }

  /** Whether batches are augmented. */
  get augments(): boolean {
    return this.context.augmenter !== undefined;
  }

  /** Where training is now; resolves when the metrics of all steps so far are there. */
  async position(): Promise<FitPosition> {
    const { epoch, step, order, before, averages, restored, epochs } = this;
    const running = this.context.history.undelivered(step - this.from);
    const submitted = new Map(this.submitted);
    const state = { epoch, step, order, before, averages: averages.state, epochs: [...epochs] };
    const base = this.base.step > 0 ? { base: { ...this.base } } : {};
    const undelivered = [...restored];
    const metrics = await running;
    metrics.forEach((one, i) => {
      undelivered.push({ ...one, ...submitted.get(step - metrics.length + i) });
    });
    return { ...state, ...base, undelivered };
  }

  /** Goes on from a position, once what runs has ended. What callbacks have heard of they do not hear again. */
  rewind(position: FitPosition): void {
    this.epoch = position.epoch;
    this.step = position.step;
    this.from = position.step;
    this.order = position.order;
    this.before = position.before ?? position.epoch * (this.settings.stepsPerEpoch ?? 0);
    this.base = { ...(position.base ?? { step: 0, sample: 0 }) };
    this.submitted.clear();
    this.averages = new MetricAverages(this.context.areSums, position.averages);
    this.restored = [...position.undelivered];
    this.epochs = [...position.epochs];
    const told = this.before + position.step - position.undelivered.length;
    this.toldSteps = Math.max(this.toldSteps, told);
    if (this.told.length < position.epochs.length) this.told = [...position.epochs];
  }

  /** Callbacks hear again of the steps from here on, which are others than those that they heard of. */
  retell(): void {
    this.toldSteps = Math.min(this.toldSteps, this.before + this.step - this.restored.length);
    this.told.length = Math.min(this.told.length, this.epoch);
  }

  /** Number within `fit` of the step that a position is before. */
  numberAt({ epoch, step, before }: Pick<FitPosition, 'epoch' | 'step' | 'before'>): number {
    return (before ?? epoch * (this.settings.stepsPerEpoch ?? 0)) + step;
  }

  /** Number within `fit` of the first step of which nothing was heard. */
  get heardSteps(): number {
    return this.toldSteps;
  }

  /** Runs the steps of a data set before number `end` again, without telling of them. */
  async rerun(end: number): Promise<void> {
    while (this.before + this.step < end) {
      const { stepsNow } = this;
      const count = Math.min(stepsNow, end - this.before);
      const { range: _, ...batches } = this.batch;
      const batchAt = (step: number) => this.batchAt(step);
      await this.context.runner.run({ ...batches, from: this.step, count, batchAt, onMetrics: () => {} });
      this.step = count;
      if (count < stepsNow) return;
      this.epoch++;
      this.before += count;
      this.step = 0;
      this.base = { step: 0, sample: 0 };
      this.order = undefined;
    }
  }

  /** What the next step on a data set takes. */
  get batch(): Pick<BatchRun, 'data' | 'shuffle' | 'augment'> & { range: BatchRange } {
    const { context, settings } = this;
    const { augmenter } = context;
    const epoch = this.drawnEpoch;
    return {
      data: this.training as TrainingData,
      shuffle: settings.shuffle ? { seed: context.seed(), epoch } : undefined,
      augment: augmenter && { augmenter, epoch },
      range: this.batchAt(this.step),
    };
  }

  /** The number of the epoch among those that draw from the seed; 0 where nothing is drawn. */
  private get drawnEpoch(): number {
    const { context, settings, training } = this;
    if (settings.shuffle || context.augmenter || isLoader(training)) this.order ??= context.nextOrder();
    return this.order ?? 0;
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
    if (metrics) (await import('./metrics')).checkMetrics(metrics);
    const watches = options.onNaN !== 'ignore' && options.onNaN !== 'skip';
    const watch = watches ? new DivergenceWatch(context.variables) : undefined;
    this.watch = watch;
    const { stepsPerEpoch = Number.NaN } = this.settings;
    const steps = (epochs - this.epoch) * stepsPerEpoch - this.step;
    await context.beforeRun(Math.max(0, steps), this.validation !== undefined);
    let partial: EpochInfo[] = [];
    // Host values may be older than those on the device: the way back leads to the weights as they are now.
    if (watch) await context.download();
    while (this.epoch < epochs && !signal?.aborted) {
      watch?.keep();
      partial = await this.runEpoch(watch);
      watch?.checkParameters(this.before + this.step - 1);
    }
    await context.download();
    watch?.checkParameters(this.before + this.step - 1);
    return { epochs: [...this.epochs, ...partial], aborted: signal?.aborted ?? false };
  }

  /** Runs the rest of an epoch. Returns what there is of one that was aborted. */
  private async runEpoch(watch: DivergenceWatch | undefined): Promise<EpochInfo[]> {
    const { context, training, validation, settings, options } = this;
    const start = performance.now();
    if (this.step === 0 && this.told.length <= this.epoch)
      await options.onEpochBegin?.({ epoch: this.epoch });
    this.from = this.step;
    while (this.restored.length > 0) {
      const metrics = this.restored[0];
      const index = this.step - this.restored.length;
      await this.deliver(index, metrics, watch, () => this.restored.shift());
    }
    let weights: Promise<void> | undefined;
    const onSubmitted = () => {
      // Weights outlive the device from here on; they come back while the metrics do, and the validation.
      weights = context.download();
      weights.catch(() => {});
    };
    const ran = await this.runSteps(watch, onSubmitted);
    if (ran === 0) {
      if (options.signal?.aborted) return [];
      throw noBatch(training.name);
    }
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
      this.before += ran;
      this.step = 0;
      this.from = 0;
      this.base = { step: 0, sample: 0 };
      this.order = undefined;
      this.averages = new MetricAverages(context.areSums);
      if (!isTold) this.told.push(info);
    }
    if (!isTold) await options.onEpoch?.(info);
    return aborted ? [info] : [];
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

  /** The steps of an epoch that are left; with another batch size from where it changes. Returns the steps of the epoch. */
  private async runSteps(watch: DivergenceWatch | undefined, onSubmitted: () => void): Promise<number> {
    const { context, training, settings, options } = this;
    const { runner, control } = context;
    const epoch = this.drawnEpoch;
    const batches = () => {
      const { range: _, ...rest } = this.batch;
      return rest;
    };
    for (;;) {
      this.from = this.step;
      const run = {
        from: this.from,
        beforeStep: (step: number, samples: number) => {
          this.step = step;
          context.beforeStep();
          options.onStepBegin?.({ epoch: this.epoch, step: this.before + step });
          this.submitted.set(step, { learningRate: context.rate(), samples });
          this.step = step + 1;
        },
        onMetrics: (step: number, metrics: StepMetrics) => this.deliver(step, metrics, watch),
        onPause: (step: number) => {
          // What is to be saved is saved before the wait.
          this.step = step;
          context.beforeStep();
        },
        onSubmitted,
        signal: options.signal,
        control,
      };
      const ran = isLoader(training)
        ? await runner.stream({ ...run, data: training, epoch, count: settings.stepsPerEpoch })
        : await runner.run({
            ...run,
            ...batches(),
            count: this.stepsNow,
            batchAt: (step) => this.batchAt(step),
          });
      const batchSize = control.takeBatchSize();
      if (batchSize === undefined || options.signal?.aborted) return ran;
      this.changeBatchSize(batchSize);
    }
  }

  private changeBatchSize(asked: number): void {
    const { settings, training, step } = this;
    if (isLoader(training)) return;
    const { start } = this.batchAt(step);
    const isOver = !settings.wraps && step >= this.stepsNow;
    // An epoch that is over has no samples left.
    this.base = { step, sample: isOver ? training.length : start };
    settings.batchSize = Math.min(asked, training.length);
    if (!settings.wraps) settings.stepsPerEpoch = this.batchesIn(training.length);
  }

  private batchesIn(samples: number): number {
    const batches = samples / this.settings.batchSize;
    return this.options.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** Steps of the present epoch, of which the first may have had other batch sizes. */
  private get stepsNow(): number {
    const { settings, base, training } = this;
    if (settings.wraps || base.step === 0) return settings.stepsPerEpoch!;
    return base.step + this.batchesIn((training as TrainingData).length - base.sample);
  }

  private async deliver(
    index: number,
    metrics: StepMetrics,
    watch: DivergenceWatch | undefined,
    before?: () => void,
  ): Promise<void> {
    const { epoch, settings, options, context } = this;
    before?.();
    const told = { ...metrics, ...this.submitted.get(index) };
    this.submitted.delete(index);
    const number = this.before + index;
    if (options.onNaN === 'skip' && !Number.isFinite(metrics.gradNorm)) await this.skip(number, metrics);
    else {
      this.skipped = 0;
      this.averages.add(told, told.samples ?? this.batchAt(index).size);
    }
    if (number >= this.toldSteps) {
      this.toldSteps = number + 1;
      const { stepsPerEpoch = Number.NaN } = settings;
      const { learningRate = context.rate() } = told;
      await options.onStep?.({ epoch, step: number, stepsPerEpoch, ...context.stepInfo(told), learningRate });
    }
    watch?.checkLoss(number, metrics);
  }

  private batchAt(step: number): BatchRange {
    const { base } = this;
    const { batchSize, wraps } = this.settings;
    const { length } = this.training as TrainingData;
    const sample = base.sample + (step - base.step) * batchSize;
    const size = wraps ? batchSize : Math.min(batchSize, length - sample);
    return { start: sample % length, cycle: Math.floor(sample / length), size };
  }
}
