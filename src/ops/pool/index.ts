/** The ops of the family `pool`. */
export * from './adaptive';
export { affineGrid, gridSample } from './grid-sample';
export * from './interpolate';
export * from './lp-pool';
export * from './pixel-shuffle';
export * from './pool';
