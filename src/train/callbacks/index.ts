/** Callbacks of `fit`. */
export { type EarlyStoppingOptions, earlyStopping } from './early-stopping';
export { historyCsv, historyJsonl } from './history-text';
export { csvLog, jsonLog, type LogOptions, learningRateLog, progress } from './logs';
export { type ModelCheckpointOptions, modelCheckpoint } from './model-checkpoint';
export { reduceOnPlateau } from './plateau';
export { type TensorBoardOptions, tensorBoard } from './tensor-board';
export { type GradualUnfreezingOptions, gradualUnfreezing } from './unfreezing';
