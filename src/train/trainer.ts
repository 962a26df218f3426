/**
 * The trainer: fits a module to a data set on one device. Each batch size has one compiled plan that holds the whole
 * step: batch gather, forward, loss, backward, clipping, optimizer and figures.
 */
import type { ArrayDataset } from '../data/dataset';
import { TokenWindows } from '../data/text/windows';
import { formatShape, GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import { Graph, sizeOf, type Tensor } from '../graph/ir/graph';
import { compile, type Plan } from '../graph/runtime/plan';
import { type Arena, VariableStore } from '../graph/runtime/variable-store';
import type { StateDict } from '../io/state-dict';
import { asModelOutput, type ModelOutput } from '../nn/model-output';
import type { Module } from '../nn/module';
import { correctAndTotal } from '../ops';
import { createOptimizer, type Optimizer } from '../optim/optimizer';
import { createSchedule, type Schedule } from '../optim/schedule';
import { type DeviceData, DeviceDataset } from './device-dataset';
import { DeviceWindows } from './device-windows';
import { checkLabels, classifies, scoresAndLabels } from './labels';
import { createLoss, ignoredIndex, type LossFunction, totalLoss } from './loss';
import { type OnFigures, StepRunner } from './runner';
import { samplesOf } from './samples';
import { checkTokens } from './tokens';
import { accuracyOf, Totals } from './totals';
import { planTrainingStep } from './training-step';
import type { EpochInfo, Evaluation, FitOptions, History, TrainerOptions, TrainingData } from './types';

const DEFAULT_BATCH = 32;

export class Trainer {
  private readonly lossFunction: LossFunction;
  /** Targets with this index do not count. */
  private readonly ignoreIndex: number;
  private readonly optimizer: Optimizer;
  private readonly schedule: Schedule;
  private readonly store: VariableStore;
  private readonly gradients: Arena;
  private readonly moments: Arena[];
  private readonly runner: StepRunner;
  private readonly resident = new Map<TrainingData, DeviceData>();
  private readonly plans = new Map<string, Promise<Plan>>();
  private readonly keys = new Map<TrainingData, number>();
  private readonly seed: number;
  private stepsTaken = 0;
  private epochsStarted = 0;
  private busy = false;

  /**
   * Puts the model's variables on the device; values that it does not have yet are initialized from the seed.
   * @throws GradloomError `out-of-memory` with the bytes needed and allowed when model and optimizer state do not fit.
   */
  constructor(
    readonly device: Device,
    readonly model: Module,
    private readonly options: TrainerOptions,
  ) {
    this.seed = options.seed ?? 0;
    this.lossFunction = typeof options.loss === 'function' ? options.loss : createLoss(options.loss);
    this.ignoreIndex = ignoredIndex(options.loss);
    this.optimizer = createOptimizer(options.optimizer);
    this.schedule = createSchedule(options.schedule);
    model.initialize(this.seed);
    this.store = new VariableStore(device, model.variables());
    this.gradients = this.store.createArena('gradients');
    this.moments = Array.from({ length: this.optimizer.moments }, (_, i) =>
      this.store.createArena(`moment ${i}`),
    );
    this.runner = new StepRunner(device);
  }

  /** Number of optimizer steps taken so far. */
  get steps(): number {
    return this.stepsTaken;
  }

  /**
   * Trains on `data`. Every sample is used once per epoch; a last batch may be smaller. Calls may follow each other:
   * optimizer state and step count continue.
   */
  async fit(data: TrainingData, options: FitOptions = {}): Promise<History> {
    const { epochs = 1, batchSize = DEFAULT_BATCH, shuffle = true, signal } = options;
    this.checkCount('epochs', epochs);
    let training = data;
    let validation = options.validation;
    if (options.validationSplit) [training, validation] = splitOff(data, options.validationSplit, this.seed);
    if (options.stepsPerEpoch !== undefined) this.checkCount('stepsPerEpoch', options.stepsPerEpoch);
    this.checkBatch('fit', training, batchSize);
    return this.exclusively('fit', async () => {
      const history: History = { epochs: [], aborted: false };
      const stepsPerEpoch = options.stepsPerEpoch ?? Math.ceil(training.length / batchSize);
      const batchAt = (step: number) => ({
        start: (step * batchSize) % training.length,
        size: options.stepsPerEpoch ? batchSize : Math.min(batchSize, training.length - step * batchSize),
      });
      for (let epoch = 0; epoch < epochs && !signal?.aborted; epoch++) {
        const start = performance.now();
        const totals = new Totals();
        const ran = await this.runSteps(
          training,
          this.residentOf(training).reorder(shuffle, this.seed, this.epochsStarted++),
          stepsPerEpoch,
          batchAt,
          (index, figures) => {
            totals.add(figures, batchAt(index).size);
            const step = epoch * stepsPerEpoch + index;
            options.onStep?.({ epoch, step, stepsPerEpoch, loss: figures.loss, ...accuracyOf(figures) });
          },
          signal,
        );
        if (ran === 0) break;
        const info: EpochInfo = { epoch, ...totals.means(), seconds: (performance.now() - start) / 1000 };
        if (validation && !signal?.aborted) {
          const { loss, accuracy } = await this.measure(validation, batchSize);
          info.validationLoss = loss;
          if (accuracy !== undefined) info.validationAccuracy = accuracy;
        }
        history.epochs.push(info);
        await options.onEpoch?.(info);
      }
      history.aborted = signal?.aborted ?? false;
      await this.store.download();
      return history;
    });
  }

  /**
   * Trains for a number of steps on batches in the data's own order, wrapping around at the end: for comparisons
   * with other libraries and for loops of one's own. Gives the loss of each step, before its update. Without `sync`
   * the model's host values stay as they were; `stateDict` and later calls bring them up to date.
   */
  async fitSteps(
    data: TrainingData,
    { steps, batchSize = DEFAULT_BATCH, sync = true }: { steps: number; batchSize?: number; sync?: boolean },
  ) {
    this.checkCount('steps', steps);
    this.checkBatch('fitSteps', data, batchSize);
    return this.exclusively('fitSteps', async () => {
      const losses: number[] = [];
      const batchAt = (step: number) => ({ start: (step * batchSize) % data.length, size: batchSize });
      await this.runSteps(
        data,
        this.residentOf(data).reorder(false, this.seed, 0),
        steps,
        batchAt,
        (_, { loss }) => losses.push(loss),
      );
      if (sync) await this.store.download();
      return losses;
    });
  }

  /** Mean loss and accuracy on `data`, in evaluation mode. */
  async evaluate(data: TrainingData, { batchSize = 256 } = {}): Promise<Evaluation> {
    return this.exclusively('evaluate', () => this.measure(data, batchSize));
  }

  /**
   * The model's output for each sample: `[length, ...]`, in evaluation mode. `x` is `[n, ...]` or a data set. May be
   * called while `fit` runs: a batch then sees the weights as they are between two steps.
   */
  async predict(
    x: ArrayDataset | { shape: readonly number[]; data: Float32Array },
    { batchSize = 256 } = {},
  ): Promise<{ shape: number[]; data: Float32Array }> {
    const { length, sampleShape, values } = samplesOf(x);
    const sampleSize = sizeOf(sampleShape);
    let result: { shape: number[]; data: Float32Array } | undefined;
    for (let start = 0; start < length; start += batchSize) {
      const size = Math.min(batchSize, length - start);
      const plan = await this.plan(`predict ${size} ${sampleShape}`, async () => {
        const graph = new Graph();
        const y = this.model.forward(graph.input('x', [size, ...sampleShape]));
        return compile(this.device, graph, { outputs: { y }, store: this.store });
      });
      // Input, run and read-back are submitted in one go: calls at the same time cannot mix.
      plan.write('x', values.subarray(start * sampleSize, (start + size) * sampleSize));
      plan.run({ seed: this.seed });
      const { shape: batchShape, data } = await plan.readTensor('y');
      const perSample = data.length / size;
      result ??= { shape: [length, ...batchShape.slice(1)], data: new Float32Array(length * perSample) };
      result.data.set(data, start * perSample);
    }
    return result!;
  }

  /** The current values of all parameters and buffers, by PyTorch's names. */
  async stateDict(): Promise<StateDict> {
    await this.store.download();
    return this.model.stateDict();
  }

  /** Takes values by name, as `Module.loadStateDict`, and puts them on the device. */
  loadStateDict(state: StateDict, options?: { strict?: boolean }): void {
    this.model.loadStateDict(state, options);
    this.store.upload();
  }

  /** Gradients of the last training step before clipping, by PyTorch's names. */
  async gradientDict(): Promise<StateDict> {
    const result: StateDict = {};
    for (const variable of this.model.parameters()) {
      const bytes = await this.device.readback.read(this.gradients.slice(variable)!);
      result[variable.name] = { shape: [...variable.shape], data: new Float32Array(bytes) };
    }
    return result;
  }

  /** The plan of a training step, for figures (dispatches, bytes) and profiles. */
  trainingPlan(data: TrainingData, batchSize = DEFAULT_BATCH): Promise<Plan> {
    this.checkBatch('trainingPlan', data, batchSize);
    return this.plan(`train ${this.keyOf(data)} ${batchSize}`, () =>
      planTrainingStep({
        device: this.device,
        model: this.model,
        data: this.residentOf(data),
        batchSize,
        loss: (output, target) => this.figures(output, target, data),
        optimizer: this.optimizer,
        clip: this.options.clip ?? {},
        store: this.store,
        gradients: this.gradients,
        moments: this.moments,
        runner: this.runner,
      }),
    );
  }

  /** Frees all that this trainer holds on the device; the model keeps its host values. */
  async dispose(): Promise<void> {
    for (const plan of this.plans.values()) await plan.then((made) => made.destroy()).catch(() => {});
    for (const data of this.resident.values()) await data.destroy();
    this.runner.destroy();
    for (const arena of [this.gradients, ...this.moments]) arena.destroy();
    this.store.destroy();
  }

  /** Loss of a batch of `data` and, for class indices, how many answers are right of those that count. */
  private figures(
    modelOutput: Tensor | ModelOutput,
    targets: Tensor,
    data: TrainingData,
  ): { loss: Tensor; total?: Tensor } {
    const asLossTakes = (output: Tensor) =>
      scoresAndLabels(output, targets, this.options.classesLast, this.model.classesLast);
    const outputs = asModelOutput(modelOutput);
    const [prediction, target] = asLossTakes(outputs.prediction);
    checkLabels(data, prediction, target, this.ignoreIndex);
    checkTokens(data, prediction.graph);
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
    return { loss, total: correctAndTotal(prediction, target, this.ignoreIndex) };
  }

  private async runSteps(
    data: TrainingData,
    ordered: Promise<void>,
    count: number,
    batchAt: (step: number) => { start: number; size: number },
    onFigures: OnFigures,
    signal?: AbortSignal,
  ): Promise<number> {
    const sizes = [...new Set([batchAt(0).size, batchAt(count - 1).size])];
    const [made] = await Promise.all([Promise.all(sizes.map((n) => this.trainingPlan(data, n))), ordered]);
    const planOf = (size: number) => made[sizes.indexOf(size)];
    const values = { seed: this.seed, index: 0, batchStart: 0, learningRate: 0, derived: [] as number[] };
    return this.runner.run(
      count,
      (step) => {
        const { start, size } = batchAt(step);
        const index = this.stepsTaken++;
        values.index = index;
        values.batchStart = start;
        values.learningRate = this.schedule(index, this.optimizer.learningRate);
        values.derived = this.optimizer.derive(index, values.learningRate);
        return { plan: planOf(size), values };
      },
      onFigures,
      signal,
    );
  }

  private async measure(data: TrainingData, batchSize: number): Promise<Evaluation> {
    const resident = this.residentOf(data);
    await resident.reorder(false, this.seed, 0);
    const count = Math.ceil(data.length / batchSize);
    const batchOf = (step: number) => Math.min(batchSize, data.length - step * batchSize);
    const planOf = (size: number) =>
      this.plan(`evaluate ${this.keyOf(data)} ${size}`, async () => {
        const graph = new Graph();
        const { x, y } = resident.batch(graph, size);
        const { loss, total } = this.figures(this.model.forward(x), y, data);
        this.runner.record(loss, total);
        return compile(this.device, graph, { store: this.store });
      });
    const plans = new Map<number, Plan>();
    for (const size of new Set([batchOf(0), batchOf(count - 1)])) plans.set(size, await planOf(size));
    const totals = new Totals();
    const values = { seed: this.seed, batchStart: 0 };
    await this.runner.run(
      count,
      (step) => {
        values.batchStart = step * batchSize;
        return { plan: plans.get(batchOf(step))!, values };
      },
      (step, figures) => totals.add(figures, batchOf(step)),
    );
    return totals.means();
  }

  private plan(key: string, make: () => Promise<Plan>): Promise<Plan> {
    let plan = this.plans.get(key);
    if (!plan) {
      plan = make();
      this.plans.set(key, plan);
      // A plan that could not be made is tried again next time.
      plan.catch(() => this.plans.delete(key));
    }
    return plan;
  }

  private residentOf(data: TrainingData): DeviceData {
    let resident = this.resident.get(data);
    if (!resident) {
      resident =
        data instanceof TokenWindows
          ? new DeviceWindows(this.device, data)
          : new DeviceDataset(this.device, data);
      this.resident.set(data, resident);
    }
    return resident;
  }

  private keyOf(data: TrainingData): number {
    if (!this.keys.has(data)) this.keys.set(data, this.keys.size);
    return this.keys.get(data)!;
  }

  private checkBatch(method: string, data: TrainingData, batchSize: number): void {
    this.checkCount('batchSize', batchSize);
    if (batchSize <= data.length) return;
    throw new GradloomError({
      code: 'argument',
      op: `Trainer.${method}`,
      argument: 'batchSize',
      got: String(batchSize),
      expected: `at most ${data.length}, the number of samples in ${data.name}`,
    });
  }

  private checkCount(argument: string, value: number): void {
    if (Number.isInteger(value) && value > 0) return;
    throw new GradloomError({
      code: 'argument',
      op: 'Trainer',
      argument,
      got: String(value),
      expected: 'a whole number from 1',
    });
  }

  /** One activity at a time: two would mix up the step count and the history. */
  private async exclusively<T>(method: string, work: () => Promise<T>): Promise<T> {
    if (this.busy) {
      throw new GradloomError({
        code: 'argument',
        op: `Trainer.${method}`,
        got: 'called while another call is still running',
        expected: 'one call at a time',
        fix: 'Await the earlier call first',
      });
    }
    this.busy = true;
    try {
      return await work();
    } finally {
      this.busy = false;
    }
  }
}

/** The data less a fraction, and that fraction. */
const splitOff = (data: TrainingData, fraction: number, seed: number): [TrainingData, TrainingData] =>
  data instanceof TokenWindows ? data.split(fraction) : data.split(fraction, seed);
