/** The ops of the family `elementwise`. */
export * from './binary';
export * from './cast';
export * from './unary';
export * from './where';
