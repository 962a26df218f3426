/**
 * The trainer: fits a module to a data set on one device, as a loop over a `TrainStep` whose batches are gathered from
 * data on the device. Each batch size has one compiled plan that holds the whole step.
 */

import { checkCount, checkOptions, checkSeed } from '../checks';
import type { ArrayDataset } from '../data/dataset';
import type { TensorData } from '../data/host-tensor';
import type { DataLoader } from '../data/loader';
import type { Device } from '../gpu/device';
import type { Plan } from '../graph/runtime/plan';
import type { StateDict } from '../io/state-dict';
import type { Module } from '../nn/module';
import { checkData, checkFitData, checkFitOptions, checkTrainer } from './arguments';
import type { Augmenter } from './augment/augmenter';
import { BatchMetrics } from './batch-metrics';
import { BatchRunner } from './batch-runner';
import { batchSizeOf, DEFAULT_BATCH } from './batch-size';
import type { RunGuard } from './checkpoint/guard';
import type { CheckpointSource } from './checkpoint/options';
import type { StateSection, TrainerState } from './checkpoint/state';
import { DataSplits } from './data-splits';
import { DeviceDataCache } from './device-data-cache';
import { Evaluator } from './evaluator';
import type { FitData } from './fit-data';
import { FitLoop } from './fit-loop';
import { augmenterOf, setUpFit } from './fit-setup';
import { type FitStepsOptions, fitSteps } from './fit-steps';
import type { MemoryReport } from './inspect/explain';
import type { Inspection, InspectOptions } from './inspect/inspect';
import { isSum } from './loss';
import { accuracyOf } from './metric-averages';
import { MetricHistory, type StepMetrics } from './metric-history';
import { paceOf } from './pace-of';
import { type Prediction, type PredictOptions, Predictor } from './predictor';
import { resolveData } from './resolve-data';
import { RunControl } from './run-control';
import { RunLock } from './run-lock';
import type { RunRecord } from './run-record';
import { ScheduleWatch, scheduleHasState } from './schedule-watch';
import { nonfinite } from './step-refusal';
import { TrainStep } from './train-step';
import type {
  AveragedOption,
  EpochInfo,
  EvaluateOptions,
  Evaluation,
  FitChanges,
  FitOptions,
  History,
  StepMetricsInfo,
  TrainerOptions,
  TrainingData,
} from './types';

export class Trainer {
  private readonly metrics: BatchMetrics;
  private readonly step: TrainStep;
  private readonly predictor: Predictor;
  private readonly history: MetricHistory;
  private readonly evaluator: Evaluator;
  private readonly data: DeviceDataCache;
  private readonly splits: DataSplits;
  /** Where `fitSteps` goes on in each data set. */
  private cursors = new WeakMap<TrainingData, number>();
  private readonly runner: BatchRunner;
  /** What checkpoints are taken of. */
  readonly run: RunRecord;
  /** There from the first run on: a page does not wait for it. */
  private guard: RunGuard | undefined;
  private readonly scheduleWatch: ScheduleWatch;
  private readonly lock = new RunLock();
  private readonly control = new RunControl();
  /** Of orders and splits. */
  private readonly seed: number;

  /**
   * Puts the model's variables on the device; values that it does not have yet are initialized from the seed.
   * @throws GradloomError `out-of-memory` with the bytes needed and allowed when model and optimizer state do not fit.
   */
  constructor(
    readonly device: Device,
    readonly model: Module,
    private readonly options: TrainerOptions,
  ) {
    checkTrainer(device, model, options);
    const { optimizer, schedule, clip, ema, swa, seed = 0 } = options;
    checkSeed('Trainer', seed);
    this.seed = seed;
    this.splits = new DataSplits(seed);
    this.metrics = new BatchMetrics(model, options);
    const step = { parameters: model, optimizer, schedule, clip, ema, swa, seed };
    const made: { free(): void }[] = [];
    let evaluation: MetricHistory;
    try {
      this.step = new TrainStep(device, ({ x, y }) => this.metrics.record({ x, y }), step);
      made.push(this.step);
      this.predictor = new Predictor(device, model, { seed });
      made.push({ free: () => this.predictor.dispose() });
      this.history = new MetricHistory(device);
      made.push({ free: () => this.history.destroy() });
      // Evaluations may run beside training.
      evaluation = new MetricHistory(device);
    } catch (error) {
      for (const part of made) part.free();
      throw error;
    }
    this.data = new DeviceDataCache(device, (key) => {
      this.step.dropPlans((plan) => plan.startsWith(`data ${key} `));
      this.evaluator.drop(key);
    });
    this.evaluator = new Evaluator(device, this.data, evaluation, this.metrics, {
      seed,
      areSums: isSum(options.loss),
    });
    this.runner = new BatchRunner(this.step, this.data, this.history, this.metrics);
    this.run = {
      step: this.step,
      runner: this.runner,
      model,
      options,
      seed,
      epochsStarted: 0,
      sections: new Map(),
      described: new WeakMap(),
    };
    this.scheduleWatch = new ScheduleWatch(this.step.rates);
    if (scheduleHasState(schedule)) this.addSection('schedule', this.scheduleWatch);
  }

  /** Number of optimizer steps taken so far. */
  get steps(): number {
    return this.step.steps;
  }

  /** The learning rate of the next step, of parameters in no group. */
  get learningRate(): number {
    return this.runner.learningRate;
  }

  /**
   * A rate in place of the schedule from the next step on, also while `fit` runs; groups keep their ratio to it. `undefined`
   * goes back to the schedule.
   */
  set learningRate(rate: number | undefined) {
    this.step.rateOf(rate); // refuses what is no rate
    this.runner.rateAt = rate === undefined ? undefined : () => rate;
    this.runner.rateFactor = 1;
  }

  /** Rates by the number of the step in place of the schedule. Returns the way back. */
  overrideRate(rateAt: (step: number) => number): () => void {
    const { runner } = this;
    const before = runner.rateAt;
    runner.rateAt = rateAt;
    return () => {
      runner.rateAt = before;
    };
  }

  /**
   * Trains on `data`: a data set, a `DataLoader`, or arrays `{ x, y, sampleWeight }`, whose x and y may be several by name. Every
   * sample is used once per epoch; a last batch may be smaller. Calls may follow each other: optimizer state and step count
   * continue.
   */
  async fit(data: FitData, options: FitOptions = {}): Promise<History> {
    this.lock.checkUsable('fit');
    checkFitData('Trainer.fit', data);
    checkFitOptions(options);
    const { epochs = 1, resume } = options;
    checkCount('Trainer.fit', 'epochs', epochs);
    return this.lock.exclusively('fit', async () => {
      this.control.begin(options.signal, options.callbacks);
      try {
        const setup = await setUpFit(data, options, this.splits, this.seed);
        const { training, validation, settings, dropLast } = setup;
        await this.metrics.readyFor(training, validation);
        const augmenter =
          options.augment && (await augmenterOf(options.augment, this.options.loss, training));
        const callbacks =
          options.callbacks && (await this.callbacks(epochs, settings.stepsPerEpoch, options));
        const all = { ...options, epochs, dropLast, signal: this.control.signal };
        const loopOptions = { ...all, ...callbacks?.loopOptions };
        const loop = new FitLoop(this.fitContext(augmenter), training, validation, settings, loopOptions);
        const guard = await this.guarded();
        if (resume === true) await guard.resume(loop);
        else if (resume) await guard.restore(resume, { loop });
        this.run.loop = loop;
        this.run.position = undefined;
        const rewind = ({ fit }: TrainerState) => {
          if (fit) loop.rewind(fit);
          this.run.loop = loop;
        };
        this.runner.pace = await paceOf(this.device, options);
        this.runner.skipsNonfinite = options.onNaN === 'skip';
        const run = async (): Promise<History> => {
          const { epochs } = await guard.protect(options, rewind, () => loop.run());
          const { stopped } = this.control;
          return { epochs, aborted: options.signal?.aborted ?? false, ...(stopped && { stopped }) };
        };
        return await (callbacks ? callbacks.run(run) : run());
      } finally {
        this.runner.pace = undefined;
        this.runner.skipsNonfinite = false;
        this.control.end();
      }
    });
  }

  /** `fit` waits before its next step, until `resume`; the trainer may evaluate, predict and give checkpoints meanwhile. */
  pause(): void {
    this.control.pause();
  }

  resume(): void {
    this.control.resume();
  }

  /** Ends `fit` after the steps under way; it resolves with this reason. */
  stop(reason?: string): void {
    this.control.stop(reason);
  }

  /** Changes the learning rate, the batch size or the list of callbacks of `fit` from the next step on. */
  update({ learningRate, ...changes }: FitChanges): void {
    this.control.update(changes);
    if (learningRate !== undefined) this.learningRate = learningRate;
  }

  /**
   * Trains for a number of steps on batches in the data's own order, wrapping around at the end; the next call goes on
   * with the batch after the last one. Returns the loss of each step, before its update. Without `sync` the model's
   * host values stay as they were; `stateDict` and later calls bring them up to date.
   */
  async fitSteps(data: TrainingData, options: FitStepsOptions): Promise<number[]> {
    checkData('Trainer.fitSteps', data);
    checkOptions('Trainer.fitSteps', options ?? null, ['steps', 'batchSize', 'sync', 'onStep']);
    const { steps } = options;
    checkCount('Trainer.fitSteps', 'steps', steps);
    const batchSize = this.batchSize('fitSteps', data, options.batchSize);
    return this.lock.exclusively('fitSteps', async () => {
      await this.metrics.readyFor(data);
      await this.scheduleWatch.check({ done: this.steps, more: steps });
      const guard = await this.guarded();
      const first = this.cursors.get(data) ?? guard.cursorIn(data) ?? 0;
      const { run, runner, history } = this;
      const stepInfo = (metrics: StepMetrics) => this.stepInfo(metrics);
      const parts = { run, runner, history, guard, stepInfo };
      const { losses, start } = await fitSteps(parts, data, first, { ...options, batchSize });
      this.cursors.set(data, start);
      return losses;
    });
  }

  /**
   * The whole state of training as a checkpoint file: weights, optimizer state, counters, the place in the data, history.
   * Between two steps, also while `fit` runs, whose callbacks may await it. A trainer of the same model and options goes on
   * from it bit by bit: `fit(data, { resume })`. It is a safetensors file with PyTorch's names.
   */
  async checkpoint({ model }: { model?: unknown } = {}): Promise<Uint8Array<ArrayBuffer>> {
    this.lock.checkUsable('checkpoint');
    return (await this.guarded()).file(model);
  }

  /**
   * Takes the whole state of a checkpoint: `fit(data, { resume: true })` goes on from there, and so does `fitSteps`.
   * @param options.strict whether optimizer, loss and other options have to be those of the checkpoint (default)
   * @throws GradloomError `data` for what is no sound checkpoint, `argument` for one of another model or setting, naming
   * what differs; nothing is changed then.
   */
  async restore(checkpoint: CheckpointSource, options: { strict?: boolean } = {}): Promise<void> {
    this.lock.checkUsable('restore');
    checkOptions('restore', options, ['strict']);
    const { strict = true } = options;
    await this.lock.exclusively('restore', async () =>
      (await this.guarded()).restore(checkpoint, { strict }),
    );
    this.cursors = new WeakMap();
  }

  /** Keeps the state of another part of a run, under its name, in checkpoints and snapshots. */
  addSection(name: string, section: StateSection): void {
    this.run.sections.set(name, section);
  }

  /** Mean loss, accuracy and `metrics` on `data`, in evaluation mode. May be called while `fit` runs, as in its callbacks. */
  async evaluate(data: FitData, options: EvaluateOptions = {}): Promise<Evaluation> {
    this.lock.checkUsable('evaluate');
    checkFitData('Trainer.evaluate', data);
    checkOptions('Trainer.evaluate', options, ['batchSize', 'metrics', 'averaged']);
    const { batchSize = 256, metrics, averaged } = options;
    checkCount('Trainer.evaluate', 'batchSize', batchSize);
    const resolved = await resolveData('Trainer.evaluate', data, { batchSize, shuffle: false }, this.seed);
    await this.metrics.readyFor(resolved);
    // It may have been disposed of meanwhile.
    this.lock.checkUsable('evaluate');
    return this.device.retrying(() => {
      const averages = averaged ? this.step.averages('Trainer.evaluate') : undefined;
      return this.evaluator.evaluate(resolved, batchSize, { metrics, averages });
    });
  }

  /** As `Predictor.predict`: the model's output for each sample, in evaluation mode, also while `fit` runs. */
  async predict(
    x: ArrayDataset | TensorData,
    given: PredictOptions & AveragedOption = {},
  ): Promise<Prediction> {
    this.lock.checkUsable('predict');
    checkOptions('predict', given, ['batchSize', 'averages', 'averaged']);
    const { averaged = false, ...options } = given;
    if (averaged) options.averages = this.step.averages('Trainer.predict');
    return this.predictor.predict(x, options);
  }

  /** The current values of all parameters and buffers, by PyTorch's names; with `averaged` the averages of the weights. */
  async stateDict(options: AveragedOption = {}): Promise<StateDict> {
    this.lock.checkUsable('stateDict');
    checkOptions('stateDict', options, ['averaged']);
    if (options.averaged) return this.runner.between(() => this.step.averagedState());
    await this.device.retrying(() => this.runner.between(() => this.step.download()));
    return this.model.stateDict();
  }

  /** Takes values by name, as `Module.loadStateDict`; they reach the device at once. */
  loadStateDict(state: StateDict, options?: { strict?: boolean }): void {
    this.model.loadStateDict(state, options);
  }

  /** Gradients of the last training step before clipping, by PyTorch's names. */
  gradientDict(): Promise<StateDict> {
    this.lock.checkUsable('gradientDict');
    return this.runner.between(() => this.step.gradients());
  }

  /** Looks at a training step on the first samples of `data`: weights, gradients, activations, kernels, memory, graph. */
  async inspect(data: TrainingData, options?: InspectOptions): Promise<Inspection> {
    const { inspect } = await import('./inspect/inspect');
    return this.looking('inspect', data, () => inspect(this.run, data, options));
  }

  /** The memory that a training step on `data` takes, tensor by tensor, planned without allocating it, and what would take less. */
  async explain(data: TrainingData, options?: InspectOptions): Promise<MemoryReport> {
    const { explain } = await import('./inspect/explain');
    return this.looking('explain', data, async () => explain(this.run, data, options));
  }

  private async looking<T>(method: string, data: TrainingData, work: () => Promise<T>): Promise<T> {
    checkData(`Trainer.${method}`, data);
    this.lock.checkUsable(method);
    return this.lock.exclusively(method, async () => {
      await Promise.all([this.metrics.readyFor(data), this.step.ready]);
      return work();
    });
  }

  /** The plan of a training step, for statistics (dispatches, bytes) and profiles. */
  async trainingPlan(data: TrainingData, batchSize?: number): Promise<Plan> {
    checkData('Trainer.trainingPlan', data);
    await this.metrics.readyFor(data);
    return this.runner.planOf(data, this.batchSize('trainingPlan', data, batchSize), 'shuffled');
  }

  /** Brings the host values up to date and frees all that this trainer holds on the device. */
  async dispose(): Promise<void> {
    if (!this.lock.dispose()) return;
    this.guard?.dispose();
    await this.evaluator.dispose();
    this.predictor.dispose();
    await this.step.dispose();
    await this.data.destroy();
    this.history.destroy();
  }

  private async guarded(): Promise<RunGuard> {
    const { RunGuard } = await import('./checkpoint/guard');
    this.guard ??= new RunGuard(this.run);
    return this.guard;
  }

  private fitContext(augmenter: Augmenter | undefined) {
    return {
      augmenter,
      runner: this.runner,
      history: this.history,
      seed: () => this.run.seed,
      nextOrder: () => this.run.epochsStarted++,
      evaluate: (of: TrainingData | DataLoader, size: number, { metrics, averaged }: FitOptions) => {
        const batchSize = size || DEFAULT_BATCH;
        const averages = averaged ? this.step.averages('Trainer.fit') : undefined;
        return this.evaluator.evaluate(of, batchSize, { metrics, averages, pace: this.runner.pace });
      },
      download: () => this.step.download(),
      stepInfo: (metrics: StepMetrics) => this.stepInfo(metrics),
      beforeStep: () => this.guard?.beforeStep(),
      variables: this.model.variables(),
      areSums: isSum(this.options.loss),
      beforeRun: (more: number, hasValidation: boolean) =>
        this.scheduleWatch.check({ done: this.steps, more }, hasValidation),
      rate: () => this.learningRate,
      control: this.control,
      afterEpoch: (info: EpochInfo) => this.scheduleWatch.afterEpoch(info),
    };
  }

  /** What callbacks are told of a step. */
  private stepInfo({ loss, gradNorm, ...counts }: StepMetrics): StepMetricsInfo {
    const { maxNorm, errorIfNonfinite } = this.options.clip ?? {};
    if (errorIfNonfinite && !Number.isFinite(gradNorm)) throw nonfinite(gradNorm);
    return { loss, ...accuracyOf(counts), ...(maxNorm === undefined ? {} : { gradNorm }) };
  }

  /** Callbacks are code that a page without them does not wait for. */
  private async callbacks(epochs: number, stepsPerEpoch: number | undefined, options: FitOptions) {
    const { CallbackRunner } = await import('./callbacks/runner');
    return new CallbackRunner(this, epochs, stepsPerEpoch, options);
  }

  private batchSize(method: string, data: TrainingData, asked: number | undefined): number {
    this.lock.checkUsable(method);
    return batchSizeOf(`Trainer.${method}`, data, asked);
  }
}
