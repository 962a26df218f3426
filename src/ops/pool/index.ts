/** The ops of the family `pool`. */
export * from './adaptive';
export * from './pool';
