/** A convolutional autoencoder. */
import { checkOptions } from '../checks';
import type { ModelSpec } from './model-spec';

/**
 * Spec of an autoencoder: `[N, channels, H, W]` to images of the same shape in 0 to 1. Each entry of `widths` halves
 * height and width, which must divide by `2 ** widths.length`; the decoder mirrors the encoder with transposed
 * convolutions. Train it with the inputs as targets.
 * Source: Masci et al., "Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction", 2011.
 */
export function autoencoderSpec({ widths = [16, 32], channels = 1, ...others } = {}): ModelSpec {
  checkOptions('autoencoderSpec', others, ['widths', 'channels']);
  const all = [channels, ...widths];
  const half = { kernelSize: 3, stride: 2, padding: 1 };
  const encoder = widths.flatMap((outChannels, i) => [
    { type: 'conv2d', inChannels: all[i], outChannels, ...half },
    { type: 'relu' },
  ]);
  const decoder = widths
    .map((inChannels, i) => [
      { type: 'convTranspose2d', inChannels, outChannels: all[i], outputPadding: 1, ...half },
      { type: i === 0 ? 'sigmoid' : 'relu' },
    ])
    .reverse()
    .flat();
  return { type: 'sequential', layers: { encoder, decoder } };
}
