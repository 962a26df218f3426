/** Normalizations. */
export { batchNorm, instanceNorm } from './channels';
export { cosineSimilarity, normalize, pairwiseDistance } from './distance';
export { localResponseNorm } from './response';
export { groupNorm, layerNorm, rmsNorm } from './rows';
