/** All ops, as functions: `softmax(x, { dim: 1 })`. One folder per family, the same folders as in shaders/. */
export * from './activation';
export * from './attention';
export * from './conv';
export * from './elementwise';
export * from './gemm';
export * from './indexing';
export * from './layout';
export * from './loss';
export * from './norm';
export * from './pool';
export * from './random';
export * from './recurrent';
export * from './reduce';
export * from './softmax';
export * from './statistics';
