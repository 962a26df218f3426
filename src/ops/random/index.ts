/** Regularizers: the dropout family and penalties. */
export * from './dropout';
export * from './penalty';
