/** The ops of the family `indexing`. */
export { combinations } from './combinations';
export { embedding, embeddingBag } from './embedding';
export { gather, indexSelect, take, takeAlongDim } from './gather';
export { gatherNd, scatterNd } from './nd';
export { repeatInterleave } from './repeat-interleave';
export { indexAdd, indexCopy, indexFill, maskedFill, oneHot, scatter, scatterAdd } from './scatter';
export { indexReduce, scatterReduce } from './scatter-reduce';
export { bucketize, searchsorted } from './search';
export { unfoldDim } from './windows';
