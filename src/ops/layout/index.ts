/** The ops of the family `layout`. */
export * from './cat';
export { diagonal, flip, movedim, permute, roll, transpose } from './permute';
export { chunk, narrow, select, slice, split } from './slice';
export * from './views';
