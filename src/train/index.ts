/** Training: the trainer, losses by name. */
export { createLoss, type LossFunction, type LossSpec, lossOps } from './loss';
export {
  type EpochInfo,
  type Evaluation,
  type FitOptions,
  type History,
  type StepInfo,
  Trainer,
  type TrainerOptions,
} from './trainer';
