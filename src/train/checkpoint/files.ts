/** Checkpoint files: loaded when a run reads or writes one. */
export { decodeCheckpoint, encodeCheckpoint } from './format';
export { newestCheckpoint, Saver } from './saver';
