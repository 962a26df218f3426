/** Optimizers, learning-rate schedules and gradient clipping. */
export { type ClipOptions, gradNormFactor, NO_CLIP_VALUE } from './clip';
export {
  createOptimizer,
  type Optimizer,
  type OptimizerSpec,
  type OptimizerType,
  optimizerOptions,
} from './optimizer';
export {
  createSchedule,
  type Schedule,
  type ScheduleSpec,
  type ScheduleType,
  scheduleOptions,
} from './schedule';
