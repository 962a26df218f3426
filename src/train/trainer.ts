/**
 * The trainer: fits a module to a data set on one device, as a loop over a `TrainStep` whose batches are gathered from
 * data on the device. Each batch size has one compiled plan that holds the whole step.
 */

import { checkCount, checkOptions, checkSeed } from '../checks';
import type { ArrayDataset } from '../data/dataset';
import type { TensorData } from '../data/host-tensor';
import { TokenWindows } from '../data/text/windows';
import { formatShape, GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import type { Plan } from '../graph/runtime/plan';
import type { StateDict } from '../io/state-dict';
import { asModelOutput } from '../nn/model-output';
import type { Module } from '../nn/module';
import { correctAndTotal } from '../ops';
import { createSchedule, type Schedule } from '../optim/schedule';
import { DeviceDataCache } from './device-data-cache';
import type { Order } from './device-dataset';
import { Evaluator } from './evaluator';
import { checkLabels, classifies, scoresAndLabels } from './labels';
import { ignoredIndex, type LossFunction, loadLoss, totalLoss } from './loss';
import { accuracyOf, MetricAverages } from './metric-averages';
import { MetricHistory, type OnMetrics, type StepMetrics } from './metric-history';
import { type Prediction, type PredictOptions, Predictor } from './predictor';
import { checkTokens } from './tokens';
import { TrainStep } from './train-step';
import type {
  EpochInfo,
  Evaluation,
  FitOptions,
  History,
  StepMetricsInfo,
  TrainerOptions,
  TrainingData,
} from './types';

const DEFAULT_BATCH = 32;
const EVALUATION_BATCH = 256;

const TRAINER_OPTIONS: (keyof TrainerOptions)[] = [
  'loss',
  'optimizer',
  'schedule',
  'clip',
  'classesLast',
  'seed',
];
const FIT_OPTIONS: (keyof FitOptions)[] = [
  'epochs',
  'batchSize',
  'shuffle',
  'stepsPerEpoch',
  'validationSplit',
  'validation',
  'onStep',
  'onEpoch',
  'signal',
];

export class Trainer {
  private lossFunction!: LossFunction;
  /** The module of the loss is loaded while data and model find their places. */
  private readonly lossReady: Promise<void>;
  /** Targets with this index do not count. */
  private readonly ignoreIndex: number;
  private readonly schedule: Schedule;
  private readonly step: TrainStep;
  private readonly predictor: Predictor;
  private readonly history: MetricHistory;
  private readonly evaluator: Evaluator;
  private readonly data: DeviceDataCache;
  private readonly splits = new WeakMap<TrainingData, Map<number, [TrainingData, TrainingData]>>();
  /** Where `fitSteps` goes on in each data set. */
  private readonly cursors = new WeakMap<TrainingData, number>();
  private readonly seed: number;
  private epochsStarted = 0;
  private fitting = false;
  private disposed = false;

  /**
   * Puts the model's variables on the device; values that it does not have yet are initialized from the seed.
   * @throws GradloomError `out-of-memory` with the bytes needed and allowed when model and optimizer state do not fit.
   */
  constructor(
    readonly device: Device,
    readonly model: Module,
    private readonly options: TrainerOptions,
  ) {
    checkOptions('Trainer', options, TRAINER_OPTIONS);
    const { loss, optimizer, clip, seed = 0 } = options;
    checkSeed('Trainer', seed);
    this.seed = seed;
    this.lossReady = loadLoss(loss).then((found) => {
      this.lossFunction = found;
    });
    this.lossReady.catch(() => {}); // whoever needs the loss hears of it
    this.ignoreIndex = ignoredIndex(loss);
    this.schedule = createSchedule(options.schedule);
    const step = { parameters: model, optimizer, clip, seed };
    this.step = new TrainStep(device, ({ x, y }) => this.metrics(x, y), step);
    this.predictor = new Predictor(device, model, { seed });
    this.history = new MetricHistory(device);
    this.data = new DeviceDataCache(device, (key) => {
      this.step.dropPlans((plan) => plan.startsWith(`data ${key} `));
      this.evaluator.drop(key);
    });
    this.evaluator = new Evaluator(device, this.data, (x, y, data) => this.metrics(x, y, data), seed);
  }

  /** Number of optimizer steps taken so far. */
  get steps(): number {
    return this.step.steps;
  }

  /**
   * Trains on `data`. Every sample is used once per epoch; a last batch may be smaller. Calls may follow each other:
   * optimizer state and step count continue.
   */
  async fit(data: TrainingData, options: FitOptions = {}): Promise<History> {
    checkOptions('Trainer.fit', options, FIT_OPTIONS);
    const { epochs = 1, shuffle = true, signal } = options;
    checkCount('Trainer.fit', 'epochs', epochs);
    let training = data;
    let validation = options.validation;
    if (options.validationSplit) [training, validation] = this.split(data, options.validationSplit);
    if (options.stepsPerEpoch !== undefined)
      checkCount('Trainer.fit', 'stepsPerEpoch', options.stepsPerEpoch);
    const batchSize = this.batchSize('fit', training, options.batchSize);
    return this.exclusively('fit', async () => {
      const history: History = { epochs: [], aborted: false };
      const stepsPerEpoch = options.stepsPerEpoch ?? Math.ceil(training.length / batchSize);
      const batchAt = (step: number) => ({
        start: (step * batchSize) % training.length,
        size: options.stepsPerEpoch ? batchSize : Math.min(batchSize, training.length - step * batchSize),
      });
      for (let epoch = 0; epoch < epochs && !signal?.aborted; epoch++) {
        const start = performance.now();
        const averages = new MetricAverages();
        const ran = await this.runSteps(
          training,
          shuffle ? { seed: this.seed, epoch: this.epochsStarted++ } : undefined,
          stepsPerEpoch,
          batchAt,
          (index, metrics) => {
            averages.add(metrics, batchAt(index).size);
            const step = epoch * stepsPerEpoch + index;
            return options.onStep?.({ epoch, step, stepsPerEpoch, ...this.stepInfo(metrics) });
          },
          signal,
        );
        if (ran === 0) break;
        const info: EpochInfo = { epoch, ...averages.means(), seconds: (performance.now() - start) / 1000 };
        if (validation && !signal?.aborted) {
          const { loss, accuracy } = await this.evaluator.evaluate(validation, batchSize);
          info.validationLoss = loss;
          if (accuracy !== undefined) info.validationAccuracy = accuracy;
        }
        history.epochs.push(info);
        // Weights outlive the device from here on.
        await this.step.download();
        await options.onEpoch?.(info);
      }
      history.aborted = signal?.aborted ?? false;
      await this.step.download();
      return history;
    });
  }

  /**
   * Trains for a number of steps on batches in the data's own order, wrapping around at the end; the next call goes on
   * with the batch after the last one. Returns the loss of each step, before its update. Without `sync` the model's
   * host values stay as they were; `stateDict` and later calls bring them up to date.
   */
  async fitSteps(
    data: TrainingData,
    options: {
      steps: number;
      batchSize?: number;
      sync?: boolean;
      /** Called with each step's metrics, a little after it ran. */
      onStep?(info: StepMetricsInfo & { step: number }): unknown;
    },
  ): Promise<number[]> {
    checkOptions('Trainer.fitSteps', options, ['steps', 'batchSize', 'sync', 'onStep']);
    const { steps, sync = true } = options;
    checkCount('Trainer.fitSteps', 'steps', steps);
    const batchSize = this.batchSize('fitSteps', data, options.batchSize);
    return this.exclusively('fitSteps', async () => {
      const losses: number[] = [];
      const first = this.cursors.get(data) ?? 0;
      const batchAt = (step: number) => ({
        start: (first + step * batchSize) % data.length,
        size: batchSize,
      });
      await this.runSteps(data, undefined, steps, batchAt, (step, metrics) => {
        losses.push(metrics.loss);
        return options.onStep?.({ step, ...this.stepInfo(metrics) });
      });
      this.cursors.set(data, batchAt(steps).start);
      if (sync) await this.step.download();
      return losses;
    });
  }

  /** Mean loss and accuracy on `data`, in evaluation mode. May be called while `fit` runs, as in its callbacks. */
  async evaluate(data: TrainingData, options: { batchSize?: number } = {}): Promise<Evaluation> {
    this.checkUsable('evaluate');
    checkOptions('Trainer.evaluate', options, ['batchSize']);
    const { batchSize = EVALUATION_BATCH } = options;
    checkCount('Trainer.evaluate', 'batchSize', batchSize);
    await this.lossReady;
    return this.evaluator.evaluate(data, batchSize);
  }

  /** As `Predictor.predict`: the model's output for each sample, in evaluation mode, also while `fit` runs. */
  async predict(x: ArrayDataset | TensorData, options?: PredictOptions): Promise<Prediction> {
    this.checkUsable('predict');
    return this.predictor.predict(x, options);
  }

  /** The current values of all parameters and buffers, by PyTorch's names. */
  async stateDict(): Promise<StateDict> {
    this.checkUsable('stateDict');
    await this.step.download();
    return this.model.stateDict();
  }

  /** Takes values by name, as `Module.loadStateDict`; they reach the device at once. */
  loadStateDict(state: StateDict, options?: { strict?: boolean }): void {
    this.model.loadStateDict(state, options);
  }

  /** Gradients of the last training step before clipping, by PyTorch's names. */
  gradientDict(): Promise<StateDict> {
    this.checkUsable('gradientDict');
    return this.step.gradients();
  }

  /** The plan of a training step, for statistics (dispatches, bytes) and profiles. */
  trainingPlan(data: TrainingData, batchSize?: number): Promise<Plan> {
    return this.planOf(data, this.batchSize('trainingPlan', data, batchSize), 'shuffled');
  }

  /** Brings the host values up to date and frees all that this trainer holds on the device. */
  async dispose(): Promise<void> {
    if (this.disposed) return;
    if (this.fitting)
      throw usageError('dispose', 'called while fit runs', 'a trainer at rest', 'Abort fit first');
    this.disposed = true;
    await this.evaluator.dispose();
    this.predictor.dispose();
    await this.step.dispose();
    await this.data.destroy();
    this.history.destroy();
  }

  /** Loss of a batch and, for class indices, how many predictions are correct of how many targets that count. */
  private metrics(
    x: Tensor,
    targets: Tensor,
    data?: TrainingData,
  ): { loss: Tensor } | { loss: Tensor; counts: Tensor } {
    const asLossTakes = (output: Tensor) =>
      scoresAndLabels(output, targets, this.options.classesLast, this.model.classesLast);
    const outputs = asModelOutput(this.model.forward(x));
    const [prediction, target] = asLossTakes(outputs.prediction);
    if (data) {
      checkLabels(data, prediction, target, this.ignoreIndex);
      checkTokens(data, prediction.graph);
    }
    const loss = totalLoss(outputs, (output) => this.lossFunction(...asLossTakes(output)));
    if (loss.size !== 1) {
      throw new GradloomError({
        code: 'shape',
        op: 'Trainer',
        argument: 'loss',
        got: formatShape(loss.shape),
        expected: 'one number per batch',
        fix: "Use reduction 'mean' or 'sum'",
      });
    }
    if (!classifies(prediction, target)) return { loss };
    return { loss, counts: correctAndTotal(prediction, target, this.ignoreIndex) };
  }

  private async planOf(data: TrainingData, batchSize: number, order: Order): Promise<Plan> {
    await this.lossReady;
    const onDevice = this.data.get(data);
    return this.step.planWith(
      `data ${this.data.keyOf(data)} ${order} ${batchSize}`,
      (graph) => {
        const { x, y } = onDevice.batch(graph, batchSize, order);
        return this.metrics(x, y, data);
      },
      (outputs) => this.history.record(outputs as { loss: Tensor }),
    );
  }

  /** @param shuffle seed and epoch of the order; the data's own order without it */
  private async runSteps(
    data: TrainingData,
    shuffle: { seed: number; epoch: number } | undefined,
    count: number,
    batchAt: (step: number) => { start: number; size: number },
    onMetrics: OnMetrics,
    signal?: AbortSignal,
  ): Promise<number> {
    const onDevice = this.data.get(data);
    const order = shuffle ? 'shuffled' : 'sequential';
    const sizes = [...new Set([batchAt(0).size, batchAt(count - 1).size])];
    const plans = () => Promise.all(sizes.map((size) => this.planOf(data, size, order)));
    const [made] = await Promise.all([
      // Again, because a plan that updates fewer parameters than others makes these invalid.
      plans().then(plans),
      shuffle && onDevice.shuffle(shuffle.seed, shuffle.epoch),
      onDevice.ready,
    ]);
    return this.history.run(
      count,
      (step) => {
        const { start, size } = batchAt(step);
        const number = this.step.steps;
        const plan = made[sizes.indexOf(size)];
        const updated = this.step.updatedBy(plan);
        const values = this.step.nextValues((ownRate) => this.schedule(number, ownRate), updated);
        values.batchStart = start;
        return { plan, values };
      },
      onMetrics,
      signal,
    );
  }

  /** What callbacks are told of a step. */
  private stepInfo({ loss, gradNorm, ...counts }: StepMetrics): StepMetricsInfo {
    const clips = this.options.clip?.maxNorm !== undefined;
    return { loss, ...accuracyOf(counts), ...(clips ? { gradNorm } : {}) };
  }

  /** The data less a fraction, and that fraction; the same two for the same fraction, so that they are uploaded once. */
  private split(data: TrainingData, fraction: number): [TrainingData, TrainingData] {
    const known = this.splits.get(data) ?? new Map<number, [TrainingData, TrainingData]>();
    this.splits.set(data, known);
    let parts = known.get(fraction);
    if (!parts) {
      parts = data instanceof TokenWindows ? data.split(fraction) : data.split(fraction, this.seed);
      known.set(fraction, parts);
    }
    return parts;
  }

  /** The batch size asked for; by default 32, or all samples where there are fewer. */
  private batchSize(method: string, data: TrainingData, asked: number | undefined): number {
    this.checkUsable(method);
    if (asked === undefined) return Math.min(DEFAULT_BATCH, data.length);
    checkCount(`Trainer.${method}`, 'batchSize', asked);
    if (asked <= data.length) return asked;
    throw new GradloomError({
      code: 'argument',
      op: `Trainer.${method}`,
      argument: 'batchSize',
      got: String(asked),
      expected: `at most ${data.length}, the number of samples in ${data.name}`,
    });
  }

  /** One run at a time: two would mix up the step count and the history. */
  private async exclusively<T>(method: string, work: () => Promise<T>): Promise<T> {
    if (this.fitting) {
      throw usageError(
        method,
        'called while another call is still running',
        'one call at a time',
        'Await the earlier call first',
      );
    }
    this.fitting = true;
    try {
      return await work();
    } finally {
      this.fitting = false;
    }
  }

  private checkUsable(method: string): void {
    if (!this.disposed) return;
    throw usageError(method, 'called after dispose()', 'a trainer before dispose()', 'Make a new Trainer');
  }
}

const usageError = (method: string, got: string, expected: string, fix: string) =>
  new GradloomError({ code: 'argument', op: `Trainer.${method}`, got, expected, fix });
