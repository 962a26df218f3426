/** Regularizers: the dropout family and penalties. */
export * from './dropout';
