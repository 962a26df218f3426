/** The ops of the family `softmax`. */
export * from './softmax';
