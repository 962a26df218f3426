/** Optimizers, learning-rate schedules and gradient clipping. */
export { type ClipOptions, gradNormFactor, NO_CLIP_VALUE } from './clip';
export { createOptimizer, type Optimizer, optimizerOptions, type OptimizerSpec, type OptimizerType } from './optimizer';
export { createSchedule, type Schedule, scheduleOptions, type ScheduleSpec, type ScheduleType } from './schedule';
