/** Training: the trainer, losses by name. */
export { createLoss, type LossFunction, lossOps, type LossSpec } from './loss';
export { type EpochInfo, type Evaluation, type FitOptions, type History, type StepInfo, Trainer, type TrainerOptions } from './trainer';
