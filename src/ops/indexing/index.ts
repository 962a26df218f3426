/** The ops of the family `indexing`. */
export { embedding, gather, indexSelect, takeAlongDim } from './gather';
export { indexAdd, maskedFill, oneHot, scatter, scatterAdd } from './scatter';
