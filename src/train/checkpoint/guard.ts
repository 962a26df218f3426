/** Keeps a trainer's run safe: snapshots and checkpoints while it goes on, and the way back to them. */
import { GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import type { Variable } from '../../graph/ir/variable';
import { DivergedError } from '../divergence';
import type { FitLoop } from '../fit-loop';
import type { RunRecord } from '../run-record';
import type { FitOptions, TrainingData } from '../types';
import { Keeper } from './keeper';
import { LostRunError } from './lost-run-error';
import type {
  CheckpointOptions,
  CheckpointSource,
  CheckpointStore,
  RecoverInfo,
  SnapshotCadence,
} from './options';
import { applyRun, captureRun, checkRun, describeOnce } from './run';
import { checkSame, type TrainerState } from './state';

/** Files are code that a page without checkpoints does not load. */
const loadFiles = () => import('./files');

/** A state on the host. */
interface Snapshot {
  state: TrainerState;
  /** Assignments to the variables when it was taken. */
  versions: Map<Variable, number>;
}

export interface GuardOptions {
  checkpoint?: CheckpointOptions;
  recover?: boolean | SnapshotCadence;
  onRecover?(info: RecoverInfo): unknown;
  onNaN?: FitOptions['onNaN'];
  onDivergence?: FitOptions['onDivergence'];
}

export class RunGuard {
  private keeper: Keeper | undefined;

  /** The newest state on the host. */
  private last: Snapshot | undefined;
  /** States of the present `fit`: the first, the newest of those before steps that were heard of, and all after it. */
  private history: TrainerState[] = [];
  private readonly unfollow: () => void;

  constructor(private readonly run: RunRecord) {
    // A trainer at rest whose GPU was replaced by whoever needed it first.
    this.unfollow = this.device.onRenew('values', () => {
      if (!this.keeper) this.putBack();
    });
  }

  dispose(): void {
    this.unfollow();
    this.last = undefined;
  }

  private get device(): Device {
    return this.run.step.device;
  }

  /** The whole state now, as a file. */
  async file(model?: unknown): Promise<Uint8Array<ArrayBuffer>> {
    const { encodeCheckpoint } = await loadFiles();
    const state = await this.device.retrying(() => this.run.runner.between(() => captureRun(this.run)));
    return encodeCheckpoint({ ...state, model });
  }

  /**
   * Goes on from a checkpoint, with the `fit` to come as the one that it was taken of. Everything is checked before anything
   * is changed; a store without a checkpoint changes nothing.
   * @param loop goes on as well
   */
  async restore(
    source: CheckpointSource,
    { strict = true, loop }: { strict?: boolean; loop?: FitLoop } = {},
  ): Promise<void> {
    const { decodeCheckpoint, newestCheckpoint } = await loadFiles();
    await this.device.recover();
    const state = isStore(source) ? await newestCheckpoint(source) : decodeCheckpoint(await bytesOf(source));
    if (!state) return;
    checkRun(this.run, state, strict);
    if (loop) this.checkLoop(loop, state.fit, state.step.updates);
    applyRun(this.run, state);
    this.keep(state);
    this.run.loop = undefined;
    if (loop && state.fit) loop.rewind(state.fit);
  }

  /** Goes on in `loop` where a restored checkpoint was. */
  async resume(loop: FitLoop): Promise<void> {
    const { position, step } = this.run;
    this.checkLoop(loop, position, step.steps);
    if (position) loop.rewind(position);
  }

  private checkLoop(loop: FitLoop, fit: TrainerState['fit'], updates: number): void {
    if (fit) {
      checkSame('Trainer.fit', fit.settings, loop.settings);
      checkSame('Trainer.fit', fit.data, describeOnce(this.run, loop.training));
    } else if (updates > 0) {
      throw new GradloomError({
        code: 'argument',
        op: 'Trainer.fit',
        argument: 'resume',
        got: `a checkpoint after ${updates} steps of no fit`,
        expected: 'one that was taken of a fit',
        fix: 'Use Trainer.restore, and fit without resume or fitSteps',
      });
    }
  }

  /** Where a checkpoint's `fitSteps` was in this data. @throws GradloomError `argument` when it was in other data. */
  cursorIn(data: TrainingData): number | undefined {
    const { cursor } = this.run;
    if (!cursor?.data) return undefined;
    checkSame('Trainer.fitSteps', cursor.data, describeOnce(this.run, data));
    return cursor.start;
  }

  /**
   * Runs `work` with snapshots and checkpoints. When the GPU is lost another one is taken, and `work` runs again from the
   * newest snapshot, where `rewind` has put it.
   * @throws LostRunError with a checkpoint when there is no GPU any more, or each is lost again.
   */
  async protect<T>(
    options: GuardOptions,
    rewind: (state: TrainerState) => void,
    work: () => Promise<T>,
  ): Promise<T> {
    const { checkpoint, recover = true, onRecover } = options;
    const saver = checkpoint && new (await loadFiles()).Saver(checkpoint, options.onNaN === 'ignore');
    const { run, device } = this;
    const cadence = recover === true ? {} : recover || undefined;
    const keeper = new Keeper(
      {
        steps: () => run.step.steps,
        isEpochStart: () => run.loop?.isEpochStart ?? false,
        capture: () => this.capture(),
      },
      cadence,
      checkpoint,
      saver,
    );
    this.keeper = keeper;
    try {
      const start = cadence && (await this.beginning());
      let losses = 0;
      let lastSteps = -1;
      for (;;) {
        const { generation } = device;
        try {
          const result = await work();
          await keeper.finish();
          return result;
        } catch (error) {
          if (start && error instanceof DivergedError && !device.isLost) {
            await this.afterDivergence(error, options);
            keeper.rewind();
            continue;
          }
          if (!start || !(await device.lostSince(generation))) throw error;
          const steps = this.last?.state.step.updates ?? 0;
          losses = steps > lastSteps ? 1 : losses + 1;
          lastSteps = steps;
          const reached = run.step.steps;
          await this.goBack(start, losses > MOST_LOSSES ? error : undefined);
          keeper.rewind();
          rewind(this.last!.state);
          await onRecover?.({ step: run.step.steps, reached, losses, adapter: device.adapterInfo });
        }
      }
    } finally {
      this.keeper = undefined;
      await keeper.settle();
    }
  }

  /**
   * Finds out where the first bad values came from. Where training is to go on, puts back a state from before.
   * @throws the error, with the report
   */
  private async afterDivergence(error: DivergedError, options: GuardOptions): Promise<void> {
    const { goBackFromDivergence } = await import('../inspect/divergence');
    this.history = await goBackFromDivergence(this.run, error, this.history, options);
    this.keep(this.history.pop()!);
  }

  /** Between two steps: all before are submitted. */
  beforeStep(): void {
    this.keeper?.beforeStep();
  }

  /** A state to begin with, on the host: that of the run before, or else the first values. */
  private async beginning(): Promise<TrainerState> {
    const { run } = this;
    this.history = [];
    // Where the GPU refused the memory there is nothing to read.
    await run.step.ready;
    const isCurrent = this.last?.state.step.updates === run.step.steps && this.isNewest(this.last);
    const state = isCurrent ? this.last!.state : await this.device.retrying(() => this.capture());
    // The `fit` that begins is another than the one before.
    const fit = run.loop && {
      ...(await run.loop.position()),
      settings: run.loop.settings,
      data: describeOnce(run, run.loop.training),
    };
    this.keep({ ...state, epochsStarted: run.epochsStarted, fit });
    return state;
  }

  /** Takes another GPU and puts the newest state on it. */
  private async goBack(start: TrainerState, gaveUp: unknown): Promise<void> {
    const lost = async (cause: unknown) => {
      const state = this.last?.state ?? start;
      const { encodeCheckpoint } = await loadFiles();
      return new LostRunError(encodeCheckpoint(state), state.step.updates, cause);
    };
    if (gaveUp !== undefined) throw await lost(gaveUp);
    try {
      await this.device.recover();
    } catch (cause) {
      throw await lost(cause);
    }
    this.putBack();
  }

  /** Puts the newest state on the device, less what the user assigned since then. */
  private putBack(): void {
    const { last } = this;
    if (!last) return;
    applyRun(this.run, last.state, (variable) => last.versions.get(variable) !== variable.version);
    this.keep(last.state);
  }

  private isNewest({ versions }: Snapshot): boolean {
    return [...versions].every(([variable, version]) => variable.version === version);
  }

  private keep(state: TrainerState, versions = this.versions()): void {
    this.last = { state, versions };
    const { loop } = this.run;
    if (!loop || !state.fit) {
      this.history = [];
      return;
    }
    const isHeard = ({ fit }: TrainerState) => loop.numberAt(fit!) < loop.heardSteps;
    const heard = this.history.findLastIndex(isHeard);
    this.history = [...this.history.slice(0, 1), ...this.history.slice(Math.max(1, heard)), state];
  }

  private versions(): Map<Variable, number> {
    return new Map(this.run.step.parts.variables.map(([, variable]) => [variable, variable.version]));
  }

  private async capture(): Promise<TrainerState> {
    const { generation } = this.device;
    const versions = this.versions();
    const state = await captureRun(this.run);
    if (generation === this.device.generation) this.keep(state, versions);
    return state;
  }
}

/** How often in a row the GPU may be lost without a new snapshot between. */
const MOST_LOSSES = 4;

const isStore = (source: CheckpointSource): source is CheckpointStore =>
  typeof (source as CheckpointStore)?.list === 'function';

async function bytesOf(source: Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Blob !== 'undefined' && source instanceof Blob)
    return new Uint8Array(await source.arrayBuffer());
  throw new GradloomError({
    code: 'argument',
    op: 'checkpoint',
    argument: 'resume',
    got: String(source),
    expected: 'the bytes of a checkpoint, or a store',
  });
}
