/**
 * Snapshots of a run: taken between two steps without keeping the GPU waiting, by steps or seconds, to go back to when the
 * device is lost, and to be written as checkpoints.
 */

import type { CheckpointOptions, SnapshotCadence } from './options';
import type { Saver } from './saver';
import type { TrainerState } from './state';

/** Bytes of snapshots on their way to the host beyond which none is begun; the one at hand is finished anyway. */
const MOST_BYTES = 2 ** 27;
/** A snapshot may take this share of the time. */
const MOST_SHARE = 1 / 20;

export interface KeeperContext {
  steps(): number;
  /** Whether the next step begins an epoch. */
  isEpochStart(): boolean;
  /** Submits the copies of all state; resolves when they are there. */
  capture(): Promise<TrainerState>;
}

export class Keeper {
  private inFlight = 0;
  private bytes = 0;
  /** When the last snapshot was begun, how long one takes, and the steps at the last ones. */
  private lastTime = performance.now();
  private duration = 0;
  private keptAt = -1;
  private savedAt: number;
  private savedTime = performance.now();
  private isAsked = false;
  private readonly stopAsking: (() => void) | undefined;

  constructor(
    private readonly context: KeeperContext,
    private readonly cadence: SnapshotCadence | undefined,
    private readonly checkpoint: CheckpointOptions | undefined,
    private readonly saver: Saver | undefined,
  ) {
    // What a run begins with is in its store already, or not worth a file.
    this.savedAt = context.steps();
    this.stopAsking = checkpoint?.askedBy?.(() => {
      this.isAsked = true;
    });
  }

  /** Takes a snapshot if it is time for one. All steps so far are submitted, and the next one is not. */
  beforeStep(): void {
    this.saver?.check();
    const saves = this.isSaveDue();
    const keeps = this.cadence !== undefined && this.isSnapshotDue();
    if (!saves && !keeps) return;
    if (this.inFlight > 0 && (this.inFlight + 1) * this.bytes > MOST_BYTES) return;
    this.take(saves);
  }

  /** Forgets what was taken: the run went back. */
  rewind(): void {
    this.keptAt = -1;
    this.savedAt = -1;
  }

  /** The state at the end of a run. */
  async finish(): Promise<void> {
    const steps = this.context.steps();
    const saves = this.saver !== undefined && steps !== this.savedAt;
    if (saves || (this.cadence && steps !== this.keptAt)) await this.take(saves);
    await this.saver?.finish();
  }

  /** Resolves when nothing is being written any more, however that went. */
  settle(): Promise<void> {
    this.stopAsking?.();
    return this.saver?.settle() ?? Promise.resolve();
  }

  private isSaveDue(): boolean {
    const { checkpoint, context } = this;
    const steps = context.steps();
    if (!checkpoint || steps === this.savedAt) return false;
    const { every, seconds, keepBest } = checkpoint;
    if (this.isAsked) return true;
    if (every !== undefined && steps % every === 0) return true;
    if (seconds !== undefined && performance.now() - this.savedTime >= 1000 * seconds) return true;
    const atEpochs = keepBest || (every === undefined && seconds === undefined);
    return Boolean(atEpochs) && context.isEpochStart();
  }

  private isSnapshotDue(): boolean {
    const { every, seconds = every === undefined ? 10 : undefined } = this.cadence!;
    const steps = this.context.steps();
    if (this.inFlight > 0 || steps === this.keptAt) return false;
    if (every !== undefined) return steps % every === 0;
    const wait = Math.max(1000 * seconds!, this.duration / MOST_SHARE);
    return performance.now() - this.lastTime >= wait;
  }

  private take(saves: boolean): Promise<unknown> {
    const { context, saver } = this;
    const begun = performance.now();
    this.lastTime = begun;
    this.keptAt = context.steps();
    if (saves) {
      this.isAsked = false;
      this.savedAt = this.keptAt;
      this.savedTime = begun;
    }
    this.inFlight++;
    const captured = context.capture();
    const kept = captured.then(
      (state) => {
        this.inFlight--;
        this.duration = performance.now() - begun;
        this.bytes = bytesOf(state);
      },
      () => {
        // On a lost device: the run hears of that itself.
        this.inFlight--;
      },
    );
    if (saves) saver!.save(captured.catch(() => undefined));
    return kept;
  }
}

function bytesOf({ step }: TrainerState): number {
  const parts = [step.variables, ...Object.values(step.optimizers).map(({ state }) => state)];
  return parts.flatMap((part) => Object.values(part)).reduce((sum, { data }) => sum + data.byteLength, 0);
}
