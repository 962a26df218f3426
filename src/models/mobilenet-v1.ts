/** MobileNet (version 1): depthwise-separable convolutions. */
import { checkOptions } from '../checks';
import type { MobileNetOptions } from './image-model';
import type { ModelSpec } from './model-spec';

/** Separable layers: channels and stride (Howard et al., table 1). */
const SEPARABLE = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  ...new Array<[number, number]>(5).fill([512, 1]),
  [1024, 2],
  [1024, 1],
] as const;

/**
 * Spec of MobileNet (version 1): `[N, channels, H, W]` to logits `[N, numClasses]`; 4.2 million parameters at full
 * size. With `smallImages` the first convolution and the first separable layer with stride keep the resolution.
 * Source: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", 2017.
 */
export function mobilenetV1Spec(options: MobileNetOptions = {}): ModelSpec {
  checkOptions('mobilenetV1Spec', options, ['widthMult', 'channels', 'numClasses', 'smallImages']);
  const { widthMult = 1, channels = 3, numClasses = 1000, smallImages = false } = options;
  const widthOf = (width: number) => Math.max(1, Math.round(width * widthMult));
  const conv = (inChannels: number, outChannels: number, more: object): ModelSpec[] => [
    { type: 'conv2d', inChannels, outChannels, bias: false, ...more },
    { type: 'batchNorm2d', numFeatures: outChannels },
    { type: 'relu' },
  ];
  let inChannels = widthOf(32);
  const stem = { kernelSize: 3, stride: smallImages ? 1 : 2, padding: 1 };
  const features: ModelSpec[] = [conv(channels, inChannels, stem)];
  SEPARABLE.forEach(([width, publishedStride], i) => {
    const outChannels = widthOf(width);
    const stride = smallImages && i === 1 ? 1 : publishedStride;
    features.push([
      ...conv(inChannels, inChannels, { kernelSize: 3, stride, padding: 1, groups: inChannels }),
      ...conv(inChannels, outChannels, { kernelSize: 1 }),
    ]);
    inChannels = outChannels;
  });
  return {
    type: 'sequential',
    layers: {
      features,
      pool: { type: 'globalAvgPool' },
      flatten: { type: 'flatten' },
      classifier: { type: 'linear', inFeatures: inChannels, outFeatures: numClasses },
    },
  };
}
