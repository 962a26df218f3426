/** Callbacks of `fit`. */
export { type EarlyStoppingOptions, earlyStopping } from './early-stopping';
export { csvLog, jsonLog, type LogOptions, progress } from './logs';
export { reduceOnPlateau } from './plateau';
export { type GradualUnfreezingOptions, gradualUnfreezing } from './unfreezing';
