/** LeNet-5 for 28x28 grey images, with ReLU and max pooling. */
import { checkOptions, checkSizes } from '../checks';
import { GradloomError } from '../errors';
import type { ModelSpec } from './model-spec';

/**
 * Spec of LeNet-5: `[N, 1, 28, 28]`, or images of another size, to logits `[N, numClasses]`; 61,706 parameters for 10 classes.
 * Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998; with ReLU for tanh and
 * max pooling for subsampling, as it is usually trained today.
 */
export const lenetSpec = (
  options: { numClasses?: number; channels?: number; height?: number; width?: number } = {},
): ModelSpec => {
  checkOptions('lenet', options, ['numClasses', 'channels', 'height', 'width']);
  const { numClasses = 10, channels = 1, height = 28, width = 28 } = options;
  checkSizes('lenet', { numClasses, channels, height, width });
  const [rows, columns] = [height, width].map((size) => Math.floor((Math.floor(size / 2) - 4) / 2));
  if (rows < 1 || columns < 1) {
    const [argument, got] = ['height', `${height} by ${width} pixels`];
    throw new GradloomError({ code: 'argument', op: 'lenet', argument, got, expected: '12 by 12 at least' });
  }
  return {
    type: 'sequential',
    layers: [
      { type: 'conv2d', inChannels: channels, outChannels: 6, kernelSize: 5, padding: 2 },
      { type: 'relu' },
      { type: 'maxPool2d', kernelSize: 2 },
      { type: 'conv2d', inChannels: 6, outChannels: 16, kernelSize: 5 },
      { type: 'relu' },
      { type: 'maxPool2d', kernelSize: 2 },
      { type: 'flatten' },
      { type: 'linear', inFeatures: 16 * rows * columns, outFeatures: 120 },
      { type: 'relu' },
      { type: 'linear', inFeatures: 120, outFeatures: 84 },
      { type: 'relu' },
      { type: 'linear', inFeatures: 84, outFeatures: numClasses },
    ],
  };
};
