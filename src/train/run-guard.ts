/** Keeps a trainer's run safe: snapshots and checkpoints while it goes on, and the way back to them. */
import { GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import type { Variable } from '../graph/ir/variable';
import type { Keeper } from './checkpoint/keeper';
import type {
  CheckpointOptions,
  CheckpointSource,
  CheckpointStore,
  RecoverInfo,
  SnapshotCadence,
} from './checkpoint/options';
import type { TrainerState } from './checkpoint/state';
import type { FitLoop } from './fit-loop';
import type { RunRecord } from './run-record';
import type { TrainingData } from './types';

/** Checkpoints are code that a page without them does not wait for. */
const load = () => import('./checkpoint');

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
}

export class RunGuard {
  private keeper: Keeper | undefined;
  private lib: Awaited<ReturnType<typeof load>> | undefined;

  /** The newest state on the host. */
  private last: Snapshot | undefined;
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
    const { captureRun, encodeCheckpoint } = await load();
    const state = await this.device.retrying(() => captureRun(this.run));
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
    this.lib = await load();
    const { applyRun, checkRun, decodeCheckpoint, newestCheckpoint } = this.lib;
    await this.device.recover();
    const state = isStore(source) ? await newestCheckpoint(source) : decodeCheckpoint(await bytesOf(source));
    if (!state) return;
    checkRun(this.run, state, strict);
    if (loop) await this.checkLoop(loop, state.fit, state.step.updates);
    applyRun(this.run, state);
    this.keep(state);
    this.run.loop = undefined;
    if (loop && state.fit) loop.rewind(state.fit);
  }

  /** Goes on in `loop` where a restored checkpoint was. */
  async resume(loop: FitLoop): Promise<void> {
    const { position, step } = this.run;
    await this.checkLoop(loop, position, step.steps);
    if (position) loop.rewind(position);
  }

  private async checkLoop(loop: FitLoop, fit: TrainerState['fit'], updates: number): Promise<void> {
    const { checkSame, describeOnce } = await load();
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
  async cursorIn(data: TrainingData): Promise<number | undefined> {
    const { cursor } = this.run;
    if (!cursor?.data) return undefined;
    const { checkSame, describeOnce } = await load();
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
    const lib = await load();
    this.lib = lib;
    const { run, device } = this;
    const cadence = recover === true ? {} : recover || undefined;
    const keeper = new lib.Keeper(
      {
        steps: () => run.step.steps,
        isEpochStart: () => run.loop?.isEpochStart ?? false,
        capture: () => this.capture(),
      },
      cadence,
      checkpoint,
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

  /** Between two steps: all before are submitted. */
  beforeStep(): void {
    this.keeper?.beforeStep();
  }

  /** A state to begin with, on the host: that of the run before, or else the first values. */
  private async beginning(): Promise<TrainerState> {
    const { run, lib } = this;
    const isCurrent = this.last?.state.step.updates === run.step.steps && this.isNewest(this.last);
    const state = isCurrent ? this.last!.state : await this.device.retrying(() => this.capture());
    // The `fit` that begins is another than the one before.
    const fit = run.loop && {
      ...(await run.loop.position()),
      settings: run.loop.settings,
      data: lib!.describeOnce(run, run.loop.training),
    };
    this.keep({ ...state, epochsStarted: run.epochsStarted, fit });
    return state;
  }

  /** Takes another GPU and puts the newest state on it. */
  private async goBack(start: TrainerState, gaveUp: unknown): Promise<void> {
    const { lib } = this;
    const lost = (cause: unknown) => {
      const state = this.last?.state ?? start;
      return new LostRunError(lib!.encodeCheckpoint(state), state.step.updates, cause);
    };
    if (gaveUp !== undefined) throw lost(gaveUp);
    try {
      await this.device.recover();
    } catch (cause) {
      throw lost(cause);
    }
    this.putBack();
  }

  /** Puts the newest state on the device, less what the user assigned since then. */
  private putBack(): void {
    const { last, lib } = this;
    if (!last || !lib) return;
    lib.applyRun(this.run, last.state, (variable) => last.versions.get(variable) !== variable.version);
    this.keep(last.state);
  }

  private isNewest({ versions }: Snapshot): boolean {
    return [...versions].every(([variable, version]) => variable.version === version);
  }

  private keep(state: TrainerState, versions = this.versions()): void {
    this.last = { state, versions };
  }

  private versions(): Map<Variable, number> {
    return new Map(this.run.step.parts.variables.map(([, variable]) => [variable, variable.version]));
  }

  private async capture(): Promise<TrainerState> {
    const { generation } = this.device;
    const versions = this.versions();
    const state = await this.lib!.captureRun(this.run);
    if (generation === this.device.generation) this.keep(state, versions);
    return state;
  }
}

/** How often in a row the GPU may be lost without a new snapshot between. */
const MOST_LOSSES = 4;

/** The GPU is gone for good; what was learned is in `checkpoint`, a file as `Trainer.checkpoint` gives it. */
export class LostRunError extends GradloomError {
  constructor(
    readonly checkpoint: Uint8Array<ArrayBuffer>,
    steps: number,
    cause: unknown,
  ) {
    super({
      code: 'device-lost',
      op: 'Trainer.fit',
      got: `the GPU was lost, and no other one takes its place (${cause instanceof Error ? cause.message : cause})`,
      fix: `error.checkpoint is the state after ${steps} steps: fit(data, { resume: error.checkpoint }) goes on from it`,
      cause,
    });
  }
}

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
