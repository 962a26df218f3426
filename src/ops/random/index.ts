/** Regularizers: the dropout family and penalties. */
export * from './dropout';
export { gumbelSoftmax, rrelu } from './noise';
export * from './penalty';
