/** The ops of the family `indexing`. */
export { embedding, embeddingBag } from './embedding';
export { gather, indexSelect, take, takeAlongDim } from './gather';
export { gatherNd, scatterNd } from './nd';
export { indexAdd, indexCopy, indexFill, maskedFill, oneHot, scatter, scatterAdd } from './scatter';
export { indexReduce, scatterReduce } from './scatter-reduce';
