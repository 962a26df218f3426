/** Checkpoint options and events. */
import type { Device } from '../../gpu/device';

/** Where checkpoints are kept: four functions, so that anything that keeps bytes by name can be a store. */
export interface CheckpointStore {
  /** Names of what is there. */
  list(): Promise<string[]>;
  /** @throws when there is nothing of this name. */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Replaces what has this name as a whole: whoever reads at any moment gets the old bytes or the new ones. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Does nothing when there is nothing of this name. */
  remove(name: string): Promise<void>;
}

/** Source to resume from: the bytes of a checkpoint, or a store with its newest one. */
export type CheckpointSource = Uint8Array | ArrayBuffer | Blob | CheckpointStore;

/** How a run keeps checkpoints. */
export interface CheckpointOptions {
  store: CheckpointStore;
  /** Steps from one checkpoint to the next. Default: one at the end of every epoch. */
  every?: number;
  /** Seconds from one to the next, instead or as well. */
  seconds?: number;
  /** How many of the newest stay. Default 1. */
  keepLast?: number;
  /**
   * Keeps the best epoch too, as `best.safetensors`: by its validation loss, or by the loss where there is no validation;
   * or by the metric given, of which accuracies count as better when they are higher.
   */
  keepBest?: boolean | 'loss' | 'accuracy' | 'validationLoss' | 'validationAccuracy';
  /**
   * Asks for a checkpoint at once, at the next step: is called with the function that asks, and gives one that stops. For
   * events such as a tab that is hidden.
   */
  askedBy?(save: () => void): () => void;
  /** JSON spec of the model, to be kept in the file. */
  model?: unknown;
  /** Called with the name of each checkpoint that was written. */
  onSave?(name: string): unknown;
  /** Called with what went wrong with one that could not be; training goes on then. Without it `fit` rejects. */
  onError?(error: unknown): unknown;
}

/** How often the state is kept in memory, to go on from when the device is lost. */
export interface SnapshotCadence {
  /** Steps from one snapshot to the next. */
  every?: number;
  /** Seconds from one to the next. Default 10. */
  seconds?: number;
}

/** What a callback is told when training goes on after a loss. */
export interface RecoverInfo {
  /** The step from which it goes on, and the one that it had reached. */
  step: number;
  reached: number;
  /** Losses since the snapshot. */
  losses: number;
  adapter: Device['adapterInfo'];
}
