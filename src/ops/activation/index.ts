/** The ops of the family `activation`. */
export * from './activation';
