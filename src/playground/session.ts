/**
 * The state core of a playground, without any view: model, data, settings and their engine, the curves of the run, undo and
 * kept runs. Views and programs subscribe and call its methods.
 */
import { type CurvePoint, RunCurves } from './curves';
import { EngineClient, type EngineHost } from './engine/client';
import { toErrorInfo } from './engine/errors';
import type { EngineEvent, ErrorInfo, ModelInfo, Opened, StepsInfo } from './engine/protocol';
import type { SharedRun } from './link';
import { presetState } from './presets';
import {
  type DataRecipe,
  type PlaygroundState,
  readState,
  readTraining,
  type TrainingSettings,
} from './recipe';

/** Engines of a page, started with the first session that needs them. */
export interface HostSource {
  host(): Promise<EngineHost>;
  nextId(): number;
}

/** What changed, coarsely: views ask the session for the rest. */
export type Change = 'phase' | 'model' | 'steps' | 'test' | 'settings' | 'runs' | 'token' | 'error';

export type Phase = 'closed' | 'opening' | 'ready' | 'running' | 'failed';

/** A place to come back to. */
export interface Kept {
  name: string;
  state: PlaygroundState;
  checkpoint: Uint8Array<ArrayBuffer>;
  curves: RunCurves;
  epoch: number;
}

/** Places of undo that are kept. */
const MOST_UNDO = 20;

type Listener = (change: Change, event?: EngineEvent) => void;

export class PlaygroundSession {
  state: PlaygroundState = presetState('spiral');
  phase: Phase = 'closed';
  opened: Opened | undefined;
  error: ErrorInfo | undefined;
  /** What happened last, for a line of text; a key of the messages with values. */
  notice: { key: string; values?: Record<string, string | number> } | undefined;
  curves = new RunCurves();
  runs: Kept[] = [];
  epoch = 0;
  steps = 0;
  stepsPerSecond = 0;
  /** Milliseconds between two steps; 0 for as fast as it goes. */
  delay = 0;
  private readonly undoable: Kept[] = [];
  private client: Promise<EngineClient> | undefined;
  private readonly listeners = new Set<Listener>();
  /** Whether it goes on when it is in sight again. */
  private held = false;
  private opening = 0;
  private watched = { steps: 0, since: 0 };

  constructor(private readonly source: HostSource) {}

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get isRunning(): boolean {
    return this.phase === 'running';
  }

  get canUndo(): boolean {
    return this.undoable.length > 0;
  }

  /** The engine, for what views ask of it. */
  async engine(): Promise<EngineClient> {
    this.client ??= (async () => {
      const host = await this.source.host();
      return new EngineClient(host, this.source.nextId(), (event) => this.receive(event));
    })();
    return this.client;
  }

  /**
   * Begins with a preset's name or a state, untrained or from a checkpoint.
   * @throws GradloomError for a state that cannot be used; what was there before goes on.
   */
  async open(
    given: string | unknown,
    { checkpoint, curves }: { checkpoint?: Uint8Array; curves?: RunCurves } = {},
  ): Promise<void> {
    const turn = ++this.opening;
    const before = this.phase;
    const isFirst = this.opened === undefined;
    this.setPhase('opening');
    try {
      const state = typeof given === 'string' ? presetState(given) : readState(given);
      if (isFirst) this.state = state;
      const engine = await this.engine();
      const opened = await engine.call('open', state, checkpoint);
      if (turn !== this.opening) return;
      this.state = state;
      this.opened = opened;
      this.error = undefined;
      this.notice = undefined;
      this.curves = curves ?? new RunCurves();
      this.steps = opened.steps;
      this.epoch = opened.steps / opened.stepsPerEpoch;
      this.stepsPerSecond = 0;
      this.watched = { steps: opened.steps, since: performance.now() };
      this.setPhase('ready');
      this.tell('model');
      this.tell('settings');
    } catch (error) {
      if (turn !== this.opening) return;
      this.fail(error, isFirst ? 'failed' : before === 'running' ? 'ready' : before);
      throw error;
    }
  }

  async play(): Promise<void> {
    if (this.phase !== 'ready') return;
    this.notice = undefined;
    this.error = undefined;
    await (await this.engine()).call('play', { delay: this.delay });
  }

  async pause(): Promise<void> {
    this.held = false;
    if (this.client) await (await this.client).call('pause');
  }

  toggle(): Promise<void> {
    return this.isRunning ? this.pause() : this.play();
  }

  async step(count = 1): Promise<void> {
    if (!this.opened) return;
    await (await this.engine()).call('step', count);
  }

  /** Trains to the end of the epoch. */
  async trainEpoch(): Promise<void> {
    if (!this.opened) return;
    const { stepsPerEpoch } = this.opened;
    await this.step(stepsPerEpoch - (this.steps % stepsPerEpoch));
  }

  /** Slow motion: milliseconds between two steps. */
  async setDelay(delay: number): Promise<void> {
    this.delay = delay;
    this.tell('settings');
    if (!this.isRunning) return;
    const engine = await this.engine();
    await engine.call('pause');
    await engine.call('play', { delay });
  }

  /** Out of sight nothing is trained; in sight it goes on. */
  async setHeld(held: boolean): Promise<void> {
    if (held && this.isRunning) {
      await (await this.engine()).call('pause');
      this.held = true;
    } else if (!held && this.held) {
      this.held = false;
      await this.play();
    }
  }

  /** First weights again; {@link undo} brings the trained ones back. */
  async reset(): Promise<void> {
    await this.remember('reset');
    await this.open(this.state);
    this.notice = { key: 'notice.reset' };
    this.tell('phase');
  }

  /** Goes back to before the last change. */
  async undo(): Promise<void> {
    const last = this.undoable.pop();
    if (last) await this.goTo(last);
  }

  /** Goes to a kept run. */
  async goTo({ state, checkpoint, curves }: Kept): Promise<void> {
    await this.open(state, { checkpoint, curves: curves.copy() });
  }

  /** Begins with a preset; the present run can be had back. @throws GradloomError as {@link open} */
  async choose(preset: string): Promise<void> {
    await this.remember('preset');
    await this.open(preset);
  }

  /** Another model; the present one can be had back. @throws GradloomError `spec`, and all stays as it is. */
  async setModel(model: unknown): Promise<void> {
    await this.remember('model');
    await this.open({ ...this.state, model });
  }

  /** Other data, with a model and settings for it. @throws GradloomError `data` or `spec`, and all stays as it is. */
  async setData(
    data: DataRecipe,
    model: unknown = this.state.model,
    training = this.state.training,
    preset = data.kind === this.state.data.kind ? this.state.preset : undefined,
  ): Promise<void> {
    await this.remember('data');
    await this.open({ ...this.state, preset, data, model, training });
  }

  /** Settings that take effect with the next step. @throws GradloomError `spec` naming the field. */
  async setTraining(change: Partial<TrainingSettings>): Promise<void> {
    const training = readTraining({ ...this.state.training, ...change });
    const isStart = change.seed !== undefined || change.loss !== undefined;
    if (isStart) return this.open({ ...this.state, training });
    this.state = { ...this.state, training };
    this.tell('settings');
    if (!this.opened) return;
    await (await this.engine()).call('configure', training);
    const { data } = this.opened;
    this.opened.stepsPerEpoch = Math.max(
      1,
      Math.ceil(data.trainCount / Math.min(training.batchSize, data.trainCount)),
    );
  }

  describe(model: unknown): Promise<ModelInfo> {
    return this.engine().then((engine) => engine.call('describe', model));
  }

  /** Keeps the present run under a name, to be overlaid and gone back to. */
  async keepRun(name = `${this.state.preset ?? 'run'} ${this.runs.length + 1}`): Promise<void> {
    this.runs = [...this.runs, await this.here(name)];
    this.tell('runs');
  }

  forgetRun(run: Kept): void {
    this.runs = this.runs.filter((kept) => kept !== run);
    this.tell('runs');
  }

  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.engine()).call('checkpoint');
  }

  /** The run to take along. */
  async shared(withWeights: boolean): Promise<SharedRun> {
    const { state } = this;
    return withWeights && this.steps > 0 ? { state, checkpoint: await this.checkpoint() } : { state };
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.opened = undefined;
    this.setPhase('closed');
    if (client) await (await client).close();
  }

  /** Shows an error that came up elsewhere, as in a link. */
  fail(error: unknown, phase: Phase = this.phase): void {
    this.error = toErrorInfo(error);
    this.phase = phase;
    this.tell('error');
  }

  private async remember(name: string): Promise<void> {
    if (!this.opened || this.steps === 0) return;
    this.undoable.push(await this.here(name));
    if (this.undoable.length > MOST_UNDO) this.undoable.shift();
  }

  private async here(name: string): Promise<Kept> {
    const { state, epoch } = this;
    return { name, state, epoch, checkpoint: await this.checkpoint(), curves: this.curves.copy() };
  }

  private receive(event: EngineEvent): void {
    const change = this.take(event);
    if (change) this.tell(change, event);
  }

  /** Notes what the engine tells. Returns what has changed by it. */
  private take(event: EngineEvent): Change | undefined {
    switch (event.type) {
      case 'running':
        this.watched = { steps: this.steps, since: performance.now() };
        if (this.phase === 'opening') return undefined;
        this.phase = event.running ? 'running' : 'ready';
        return 'phase';
      case 'steps':
        this.takeSteps(event);
        return 'steps';
      case 'test':
        this.curves.test.add(event);
        return 'test';
      case 'error':
        this.error = event;
        return 'error';
      case 'recovered':
        this.steps = event.step;
        this.notice = { key: 'notice.recovered' };
        return 'phase';
      case 'done':
        this.notice = { key: 'notice.done', values: { epoch: event.epoch } };
        return 'phase';
      case 'epoch':
        return 'steps';
      case 'token':
        return 'token';
    }
  }

  private takeSteps({ first, losses, accuracies, gradNorms, rate, epoch }: StepsInfo): void {
    losses.forEach((loss, i) => {
      const point: CurvePoint = { step: first + i + 1, loss, rate, gradNorm: gradNorms[i] };
      if (accuracies) point.accuracy = accuracies[i];
      this.curves.train.add(point);
    });
    this.steps = first + losses.length;
    this.epoch = epoch;
    const seconds = (performance.now() - this.watched.since) / 1000;
    if (seconds < 0.5) return;
    this.stepsPerSecond = (this.steps - this.watched.steps) / seconds;
    this.watched = { steps: this.steps, since: performance.now() };
  }

  private setPhase(phase: Phase): void {
    this.phase = phase;
    this.tell('phase');
  }

  private tell(change: Change, event?: EngineEvent): void {
    for (const listener of this.listeners) listener(change, event);
  }
}
