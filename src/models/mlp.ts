/** A multilayer perceptron. */
import { checkOptions } from '../checks';
import type { ModelSpec } from './model-spec';

/** Spec of linear layers with ReLU between them: flattened input of `inFeatures` values to logits `[N, numClasses]`. */
export const mlpSpec = (
  options: { inFeatures?: number; hidden?: number[]; numClasses?: number } = {},
): ModelSpec => {
  checkOptions('mlp', options, ['inFeatures', 'hidden', 'numClasses']);
  const { inFeatures = 784, hidden = [256, 128], numClasses = 10 } = options;
  const widths = [inFeatures, ...hidden];
  const layers = hidden.flatMap((width, i) => [
    { type: 'linear', inFeatures: widths[i], outFeatures: width },
    { type: 'relu' },
  ]);
  const last = { type: 'linear', inFeatures: widths.at(-1)!, outFeatures: numClasses };
  return { type: 'sequential', layers: [{ type: 'flatten' }, ...layers, last] };
};
