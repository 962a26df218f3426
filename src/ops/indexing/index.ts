/** The ops of the family `indexing`. */
export { embedding, gather, indexSelect, take, takeAlongDim } from './gather';
export { indexAdd, indexCopy, indexFill, maskedFill, oneHot, scatter, scatterAdd } from './scatter';
