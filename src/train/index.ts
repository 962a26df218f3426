/** Training: the trainer, losses by name. */
export { createLoss, type LossFunction, type LossSpec, lossOps } from './loss';
export { type Predicted, type Prediction, type PredictOptions, Predictor, predict } from './predictor';
export * from './summary';
export {
  type ApplyOptions,
  type Batch,
  type HostArray,
  type RunOptions,
  type StepFunction,
  type StepInputs,
  TrainStep,
  type TrainStepOptions,
} from './train-step';
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
export type { LearningRate, ParameterSource, StepOptimizer } from './updater';
