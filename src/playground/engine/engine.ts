/** The engine of one playground: it plays, pauses and steps a run, and answers what panels ask, one thing after the other. */
import { GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import { moduleTypes } from '../../spec';
import { type DataInfo, type MadeData, makeData } from '../data/make';
import { type DataRecipe, readData, readState, readTraining, type TrainingSettings } from '../recipe';
import { describeModel } from './describe';
import { toErrorInfo } from './errors';
import { firstNonfinite, parametersOf, report, samplesOf } from './inspect';
import { mendModel } from './mend';
import type { EngineEvent, EngineMethods, ModelInfo, Opened, StepsInfo, Values } from './protocol';
import { Run } from './run';

/** What all engines of a thread share. */
export interface Shared {
  device(): Promise<Device>;
  /** Runs one piece of training at a time, in the order of asking: engines take turns. */
  turn<T>(work: () => Promise<T>): Promise<T>;
  inWorker: boolean;
}

/** A piece of training takes about so long, so that questions of the page are answered in between. */
const PIECE_MS = 60;
const MOST_STEPS = 256;
/** The test set is measured about this often. */
const TEST_MS = 800;
/** The way back from a loss that is no number, or from a lost GPU, is at most so long. */
const SNAPSHOT_MS = 3000;
/** Larger states are kept less often. */
const LARGE = 20e6;

export class Engine implements EngineMethods {
  private run: Run | undefined;
  private playing = false;
  private delay = 0;
  private piece = 1;
  private queue: Promise<unknown> = Promise.resolve();
  private snapshot: { bytes: Uint8Array<ArrayBuffer>; at: number } | undefined;
  private lastTest = 0;
  private data: { key: string; made: MadeData } | undefined;
  private writing: AbortController | undefined;

  constructor(
    private readonly shared: Shared,
    private readonly emit: (event: EngineEvent) => void,
  ) {}

  open(given: unknown, checkpoint?: Uint8Array): Promise<Opened> {
    this.stop();
    return this.exclusive(async () => {
      const state = readState(given);
      const device = await this.shared.device();
      const before = this.run;
      const run = new Run(device, state, state.training, this.dataOf(state.data));
      try {
        if (checkpoint) await run.restore(checkpoint);
        const model = this.describeFor(run.made.info, state.model, state.training, device);
        if (model.error) throw new GradloomError({ code: 'spec', op: 'model', got: model.error.message });
        this.run = run;
        this.snapshot = undefined;
        this.piece = 1;
        await before?.dispose();
        const { isCpu } = device;
        return {
          data: run.made.info,
          model,
          adapter: { name: nameOf(device), isCpu },
          inWorker: this.shared.inWorker,
          stepsPerEpoch: run.stepsPerEpoch,
          steps: run.trainer.steps,
        };
      } catch (error) {
        await run.dispose();
        throw error;
      }
    });
  }

  /** The data of a recipe, made once for calls that follow each other. */
  private dataOf(recipe: DataRecipe): MadeData {
    const key = JSON.stringify(recipe);
    if (this.data?.key !== key) this.data = { key, made: makeData(recipe) };
    return this.data.made;
  }

  async prepare(recipe: unknown): Promise<DataInfo> {
    return this.dataOf(readData(recipe)).info;
  }

  async describe(model: unknown): Promise<ModelInfo> {
    const { made, state, device } = this.opened();
    return this.describeFor(made.info, model, state.training, device);
  }

  async mend(model: unknown): Promise<unknown> {
    const { info } = this.opened().made;
    return mendModel(model, info.xShape, info.outputs);
  }

  async catalog(): Promise<Record<string, Record<string, unknown>>> {
    return Object.fromEntries(
      Object.entries(moduleTypes).map(([type, { options }]) => [type, options.toJSONSchema()]),
    );
  }

  private describeFor(info: DataInfo, model: unknown, training: TrainingSettings, device: Device): ModelInfo {
    const { optimizer, batchSize } = training;
    return describeModel(model, info.xShape, { outputs: info.outputs, batchSize, device, optimizer });
  }

  configure(training: unknown): Promise<void> {
    return this.exclusive(() => this.opened().configure(readTraining(training)));
  }

  async play({ delay = 0 }: { delay?: number } = {}): Promise<void> {
    this.delay = delay;
    this.opened();
    if (this.playing) return;
    this.playing = true;
    this.emit({ type: 'running', running: true });
    void this.loop();
  }

  async pause(): Promise<void> {
    this.stop();
    await this.exclusive(async () => {});
  }

  step(count: number): Promise<void> {
    this.stop();
    return this.exclusive(async () => {
      const run = this.opened();
      const last = run.trainer.steps + count;
      while (run.trainer.steps < last) {
        const before = run.trainer.steps;
        await this.train(Math.min(MOST_STEPS, last - before));
        // Back at an earlier state: the loss was no number.
        if (run.trainer.steps <= before) return;
      }
      await this.measure();
    });
  }

  test(): Promise<void> {
    return this.exclusive(() => this.measure());
  }

  predict(x: Float32Array, count: number): Promise<Values> {
    return this.exclusive(() => this.opened().predict(x, count));
  }

  activations(x: Float32Array, count: number, paths: string[]): Promise<Record<string, Values>> {
    return this.exclusive(() => this.opened().activations(x, count, paths));
  }

  report() {
    return this.exclusive(() => report(this.opened()));
  }

  parameters() {
    return this.exclusive(() => parametersOf(this.opened()));
  }

  parameter(name: string): Promise<Values> {
    return this.exclusive(async () => {
      const found = (await this.opened().stateDict())[name];
      if (!found)
        throw new GradloomError({ code: 'argument', op: 'playground', got: `no parameter ${name}` });
      return { shape: [...found.shape], data: found.data.slice() };
    });
  }

  async samples(split: 'train' | 'test', from: number, count: number) {
    return samplesOf(this.opened(), split, from, count);
  }

  async generate(prompt: string, count: number, temperature: number, seed: number): Promise<string> {
    this.writing?.abort();
    const writing = new AbortController();
    this.writing = writing;
    return this.exclusive(() =>
      this.opened().generate(prompt, {
        ...{ count, temperature, seed, signal: writing.signal },
        onToken: (token) => this.emit({ type: 'token', token }),
      }),
    );
  }

  async stopGenerating(): Promise<void> {
    this.writing?.abort();
  }

  checkpoint() {
    return this.exclusive(() => this.opened().checkpoint());
  }

  weights() {
    return this.exclusive(() => this.opened().weights());
  }

  load(bytes: Uint8Array): Promise<void> {
    return this.exclusive(async () => {
      await this.opened().load(bytes);
      await this.measure();
    });
  }

  close(): Promise<void> {
    this.stop();
    return this.exclusive(async () => {
      await this.run?.dispose();
      this.run = undefined;
    });
  }

  private opened(): Run {
    if (this.run) return this.run;
    throw new GradloomError({ code: 'argument', op: 'playground', got: 'called before there is a model' });
  }

  private stop(): void {
    if (!this.playing) return;
    this.playing = false;
    this.emit({ type: 'running', running: false });
  }

  private async loop(): Promise<void> {
    try {
      while (this.playing) {
        const start = performance.now();
        const steps = this.delay > 0 ? 1 : this.piece;
        await this.exclusive(() => (this.playing ? this.train(steps) : Promise.resolve()));
        const milliseconds = performance.now() - start;
        const fitting = Math.round((steps * PIECE_MS) / Math.max(1, milliseconds));
        this.piece = Math.max(1, Math.min(MOST_STEPS, 2 * steps, fitting));
        if (performance.now() - this.lastTest > TEST_MS && this.playing)
          await this.exclusive(() => this.measure());
        if (this.run?.isDone && this.playing) {
          this.stop();
          await this.exclusive(() => this.measure());
          this.emit({ type: 'done', epoch: this.run.epoch });
        }
        await pause(this.delay);
      }
    } catch (error) {
      this.stop();
      this.emit({ type: 'error', ...toErrorInfo(error) });
    }
  }

  /** Some steps, with the way back where they end in values that are no numbers, or the GPU is lost. */
  private async train(count: number): Promise<void> {
    const run = this.opened();
    await this.keep(run);
    const epoch = run.epoch;
    const info: StepsInfo = {
      first: run.trainer.steps,
      losses: [],
      gradNorms: [],
      rate: 0,
      epoch,
      seconds: 0,
    };
    const accuracies: number[] = [];
    const start = performance.now();
    try {
      await this.shared.turn(() =>
        run.steps(count, ({ loss, accuracy, gradNorm = Number.NaN }) => {
          info.losses.push(loss);
          info.gradNorms.push(gradNorm);
          if (accuracy !== undefined) accuracies.push(accuracy);
        }),
      );
    } catch (error) {
      if (!(error instanceof GradloomError) || error.code !== 'device-lost') throw error;
      await run.device.recover();
      if (this.snapshot) await run.restore(this.snapshot.bytes);
      this.emit({ type: 'recovered', step: run.trainer.steps });
      return;
    }
    info.seconds = (performance.now() - start) / 1000;
    info.rate = run.rate;
    info.epoch = run.seen / run.made.train.length;
    if (accuracies.length > 0) info.accuracies = accuracies;
    this.emit({ type: 'steps', ...info });
    if (info.losses.some((loss) => !Number.isFinite(loss))) await this.goBack(run);
    else if (run.epoch > epoch) {
      const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      const accuracy = accuracies.length > 0 ? { accuracy: mean(accuracies) } : {};
      this.emit({ type: 'epoch', epoch: run.epoch, loss: mean(info.losses), ...accuracy });
    }
  }

  /** Keeps a state to go back to, now and then. */
  private async keep(run: Run): Promise<void> {
    const every = (this.snapshot?.bytes.length ?? 0) > LARGE ? 10 * SNAPSHOT_MS : SNAPSHOT_MS;
    if (this.snapshot && performance.now() - this.snapshot.at < every) return;
    this.snapshot = { bytes: await run.checkpoint(), at: performance.now() };
  }

  /** Stops at a loss that is no number, says where it came up, and goes back to the last state that was sound. */
  private async goBack(run: Run): Promise<void> {
    this.stop();
    const where = await firstNonfinite(run);
    const step = run.trainer.steps;
    if (this.snapshot) await run.restore(this.snapshot.bytes);
    this.emit({
      type: 'error',
      code: 'diverged',
      message: `the loss is no number any more at step ${step}`,
      where,
    });
  }

  private async measure(): Promise<void> {
    const run = this.opened();
    const { loss, accuracy } = await run.trainer.evaluate(run.made.test);
    this.lastTest = performance.now();
    this.emit({ type: 'test', step: run.trainer.steps, loss, ...(accuracy !== undefined && { accuracy }) });
  }

  /** One thing after the other: what asks in between never sees a trainer that goes away. */
  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => {});
    return result;
  }
}

/** Lets messages in between two pieces, and slow motion be slow. */
const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds);
  });

function nameOf({ adapterInfo: { vendor, architecture, description } }: Device): string {
  return description || [vendor, architecture].filter(Boolean).join(' ') || 'GPU';
}
