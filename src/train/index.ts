/** Training: the trainer, losses by name. */

export type { AugmentRanges, AugmentSpec, AugmentStep, AugmentType, FillMode } from '../data/augment/spec';
export { type Augmented, type AugmentOptions, augment } from './augment/preview';
export { augmentBatch } from './augment/step';
export * from './callbacks';

export { type Autosave, autosave } from './checkpoint/autosave';
export { LostRunError } from './checkpoint/lost-run-error';
export type {
  CheckpointOptions,
  CheckpointSource,
  CheckpointStore,
  RecoverInfo,
  SnapshotCadence,
} from './checkpoint/options';
export type { SectionState, StateSection } from './checkpoint/state';
export { memoryStore, opfsStore } from './checkpoint/stores';
export { DivergedError } from './divergence';
export type { MemoryReport } from './inspect/explain';
export type { DivergenceReport, ReportedTensor } from './inspect/first-bad';
export type { InspectedActivation, InspectedParameter, Inspection, InspectOptions } from './inspect/inspect';
export { formatMemory } from './inspect/memory-table';
export {
  type FindLearningRateOptions,
  findLearningRate,
  type LearningRateCurve,
} from './learning-rate-finder';
export type { LossFunction, LossSpec, NamedLosses, TrainerLoss } from './loss';
export { createLoss, lossOps } from './loss-ops';
export type { ParameterSource } from './parameter-sources';
export { type Predicted, type Prediction, type PredictOptions, Predictor, predict } from './predictor';
export type { LearningRate, StepSchedule } from './rates';
export type { WeightAverages } from './step-averages';
export type {
  ApplyOptions,
  Batch,
  RunOptions,
  StepEvaluateOptions,
  StepFunction,
  StepInputs,
  TrainStepOptions,
} from './step-options';
export type { HostArray } from './step-outputs';
export type { StepState } from './step-state';
export * from './summary';
export { TrainStep } from './train-step';
export { Trainer } from './trainer';
export type {
  AveragedOption,
  Callback,
  CallbackState,
  CustomMetric,
  DivergenceInfo,
  EpochInfo,
  EvaluateOptions,
  Evaluation,
  FitChanges,
  FitControl,
  FitData,
  FitOptions,
  History,
  MetricSpec,
  Metrics,
  MetricValue,
  PageVisibility,
  Penalty,
  StepInfo,
  TrainerControl,
  TrainerOptions,
  TrainingData,
} from './types';
export type { StepOptimizer } from './updater';
