/** Optimizers, learning-rate schedules and gradient clipping. */

export type { AverageOptions, EmaOptions, SwaOptions } from './average';
export type { ClipOptions } from './clip';
export { type CustomOptimizer, defineOptimizer } from './custom';
export {
  createOptimizer,
  type Optimizer,
  type OptimizerSpec,
  type OptimizerType,
  optimizerOptions,
  type ParameterGroupSpec,
  type UpdateSegment,
} from './optimizer';
export {
  createSchedule,
  type Schedule,
  type ScheduleSpec,
  type ScheduleType,
  scheduleOptions,
} from './schedule';
