/** The ops of the family `pool`. */
export * from './adaptive';
export * from './interpolate';
export * from './lp-pool';
export * from './pixel-shuffle';
export * from './pool';
