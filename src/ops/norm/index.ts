/** Normalizations. */
export { batchNorm, instanceNorm } from './channels';
export { groupNorm, layerNorm, rmsNorm } from './rows';
