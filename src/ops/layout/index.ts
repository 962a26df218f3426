/** The ops of the family `layout`. */
export * from './cat';
export * from './combined';
export * from './derived';
export { pad } from './pad';
export { diagonal, flip, movedim, permute, roll, transpose } from './permute';
export { expand, repeat, tile } from './repeat';
export { diagonalScatter, selectScatter, sliceScatter } from './scatter-views';
export * from './sections';
export { chunk, narrow, select, slice, split } from './slice';
export { tril, triu } from './triangle';
export * from './views';
