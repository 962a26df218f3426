/** Checkpoints: loaded when a run needs them. */
export { decodeCheckpoint, encodeCheckpoint } from './format';
export { Keeper } from './keeper';
export { applyRun, captureRun, checkRun } from './run';
export { newestCheckpoint } from './saver';
export { checkSame, describeData } from './state';
