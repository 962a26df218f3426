/** Normalizations. */
export { batchNorm, instanceNorm } from './channels';
export { localResponseNorm } from './response';
export { groupNorm, layerNorm, rmsNorm } from './rows';
