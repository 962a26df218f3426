/** The ops of the family `conv`. */
export * from './conv';
export * from './conv-transpose';
export * from './unfold';
