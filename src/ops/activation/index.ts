/** The ops of the family `activation`. */
export * from './activation';
export * from './gate';
export * from './prelu';
