/** Losses and classification metrics. */
export * from './accuracy';
export * from './cross-entropy';
export * from './elementwise';
