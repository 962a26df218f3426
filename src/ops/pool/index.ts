/** The ops of the family `pool`. */
export * from './adaptive';
export { fractionalMaxPool2d, fractionalMaxPool3d } from './fractional';
export { affineGrid, gridSample } from './grid-sample';
export * from './interpolate';
export * from './lp-pool';
export * from './pixel-shuffle';
export * from './pool';
export { maxUnpool1d, maxUnpool2d, maxUnpool3d } from './unpool';
