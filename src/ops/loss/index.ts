/** Losses and classification metrics. */
export * from './accuracy';
export * from './cross-entropy';
export * from './ctc';
export * from './distillation';
export * from './elementwise';
export * from './embedding';
export * from './margins';
export * from './multi-margin';
