/** Training: the trainer, losses by name. */
export { createLoss, type LossFunction, type LossSpec, lossOps } from './loss';
export * from './summary';
export { Trainer } from './trainer';
export type {
  EpochInfo,
  Evaluation,
  FitOptions,
  History,
  StepInfo,
  TrainerOptions,
  TrainingData,
} from './types';
