/** State of a trainer's run, for checkpoints. */
import type { DataLoader } from '../data/loader';
import type { Module } from '../nn/module';
import type { BatchRunner } from './batch-runner';
import type { DataDescription, StateSection, TrainerState } from './checkpoint/state';
import type { FitLoop } from './fit-loop';
import type { TrainStep } from './train-step';
import type { TrainerOptions, TrainingData } from './types';

export interface RunRecord {
  readonly step: TrainStep;
  readonly runner: BatchRunner;
  readonly model: Module;
  readonly options: TrainerOptions;
  /** Of the orders of the data. */
  seed: number;
  /** Orders of the data that were drawn from the seed. */
  epochsStarted: number;
  /** The last or present `fit`. */
  loop?: FitLoop;
  /** The `fit` of a checkpoint, which the next one may go on with. */
  position?: TrainerState['fit'];
  /** Where `fitSteps` goes on in its data, which a checkpoint describes. */
  cursor?: { start: number; of?: TrainingData; data?: DataDescription };
  /** Descriptions of data sets that checkpoints were taken with. */
  readonly described: WeakMap<TrainingData | DataLoader, DataDescription>;
  /** How often a `fit` went back from a step that went to NaN. */
  restores?: { loop: FitLoop; step: number; restoredTo: number; count: number };
  /** Parts with state of their own. */
  readonly sections: Map<string, StateSection>;
}
