/** A plain convolutional network with batch norm. */
import { checkOptions } from '../checks';
import type { ModelSpec } from './model-spec';

/**
 * Spec of stages of two 3x3 convolutions with batch norm and ReLU, each stage followed by 2x2 max pooling: `[N,
 * channels, H, W]` to logits `[N, numClasses]`, for images from `2 ** widths.length` pixels.
 * Source: the layout of VGG with the normalization of Ioffe & Szegedy, "Batch Normalization", 2015.
 */
export function cnnSpec({
  widths = [32, 64, 128],
  channels = 1,
  numClasses = 10,
  dropout = 0,
  ...others
} = {}): ModelSpec {
  checkOptions('cnnSpec', others, ['widths', 'channels', 'numClasses', 'dropout']);
  let inChannels = channels;
  const conv = (outChannels: number): ModelSpec[] => {
    const layers = [
      { type: 'conv2d', inChannels, outChannels, kernelSize: 3, padding: 1, bias: false },
      { type: 'batchNorm2d', numFeatures: outChannels },
      { type: 'relu' },
    ];
    inChannels = outChannels;
    return layers;
  };
  const features = widths.flatMap((width) => [
    ...conv(width),
    ...conv(width),
    { type: 'maxPool2d', kernelSize: 2 },
  ]);
  return {
    type: 'sequential',
    layers: {
      features,
      pool: { type: 'globalAvgPool' },
      flatten: { type: 'flatten' },
      ...(dropout > 0 ? { dropout: { type: 'dropout', p: dropout } } : {}),
      classifier: { type: 'linear', inFeatures: inChannels, outFeatures: numClasses },
    },
  };
}
