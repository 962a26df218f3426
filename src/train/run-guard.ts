/** Keeps a trainer's run safe: snapshots and checkpoints while it goes on, and the way back to them. */
import { GradloomError } from '../errors';
import type { Keeper } from './checkpoint/keeper';
import type {
  CheckpointOptions,
  CheckpointSource,
  CheckpointStore,
  SnapshotCadence,
} from './checkpoint/options';
import type { TrainerState } from './checkpoint/state';
import type { FitLoop } from './fit-loop';
import type { RunRecord } from './run-record';
import type { TrainingData } from './types';

/** Checkpoints are code that a page without them does not wait for. */
const load = () => import('./checkpoint');

export interface GuardOptions {
  checkpoint?: CheckpointOptions;
  recover?: boolean | SnapshotCadence;
}

export class RunGuard {
  private keeper: Keeper | undefined;
  private lib: Awaited<ReturnType<typeof load>> | undefined;

  constructor(private readonly run: RunRecord) {}

  /** The whole state now, as a file. */
  async file(model?: unknown): Promise<Uint8Array<ArrayBuffer>> {
    const { captureRun, encodeCheckpoint } = await load();
    return encodeCheckpoint({ ...(await captureRun(this.run)), model });
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
    const { applyRun, checkRun, decodeCheckpoint, newestCheckpoint } = await load();
    const state = isStore(source) ? await newestCheckpoint(source) : decodeCheckpoint(await bytesOf(source));
    if (!state) return;
    checkRun(this.run, state, strict);
    if (loop) await this.checkLoop(loop, state.fit, state.step.updates);
    applyRun(this.run, state);
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
    const { checkSame, describeData } = await load();
    if (fit) {
      checkSame('Trainer.fit', fit.settings, loop.settings);
      checkSame('Trainer.fit', fit.data, describeData(loop.training));
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
    const { checkSame, describeData } = await load();
    checkSame('Trainer.fitSteps', cursor.data, describeData(data));
    return cursor.start;
  }

  /** Runs `work` with snapshots and checkpoints. */
  async protect<T>(options: GuardOptions, work: () => Promise<T>): Promise<T> {
    const { checkpoint, recover = false } = options;
    this.lib = await load();
    const { run, lib } = this;
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
      const result = await work();
      await keeper.finish();
      return result;
    } finally {
      this.keeper = undefined;
      await keeper.settle();
    }
  }

  /** Between two steps: all before are submitted. */
  beforeStep(): void {
    this.keeper?.beforeStep();
  }

  private async capture(): Promise<TrainerState> {
    return this.lib!.captureRun(this.run);
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
