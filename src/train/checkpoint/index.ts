/** Checkpoints: loaded when a run needs them. */
export { decodeCheckpoint, encodeCheckpoint } from './format';
export { Keeper } from './keeper';
export { applyRun, captureRun, checkRun, describeOnce } from './run';
export { newestCheckpoint } from './saver';
export { checkSame } from './state';
