/** VGG networks with torchvision's module names. */

import { checkOptions } from '../checks';
import { unknownName } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import { flatten } from '../ops';
import { IMAGE_OPTIONS, type ImageModelOptions, scaled } from './image-model';

/** Convolutions (channels) of each of the five stages, by the number of layers with weights. */
const STAGES = {
  11: [[64], [128], [256, 256], [512, 512], [512, 512]],
  13: [
    [64, 64],
    [128, 128],
    [256, 256],
    [512, 512],
    [512, 512],
  ],
  16: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
  19: [
    [64, 64],
    [128, 128],
    [256, 256, 256, 256],
    [512, 512, 512, 512],
    [512, 512, 512, 512],
  ],
};

export interface VGGOptions extends ImageModelOptions {
  /** Layers with weights. */
  depth?: keyof typeof STAGES;
  /** Whether each convolution is followed by batch norm. */
  batchNorm?: boolean;
  dropout?: number;
}

const linear = (inFeatures: number, outFeatures: number) =>
  new nn.Linear(inFeatures, outFeatures, {
    initialize: { weight: nn.init.normal(0, 0.01), bias: nn.init.zeros },
  });

/**
 * VGG: `[N, channels, H, W]` to logits `[N, numClasses]`, for images from 32x32. With `smallImages` the classifier
 * sees the average over the picture instead of a grid of 7x7.
 * Source: Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014;
 * torchvision.models.vgg.
 */
export class VGG extends nn.Module {
  readonly features: nn.Sequential;
  readonly avgpool: nn.Module;
  readonly classifier: nn.Sequential;

  constructor(options: VGGOptions = {}) {
    super();
    checkOptions('VGG', options, [...IMAGE_OPTIONS, 'depth', 'batchNorm', 'dropout']);
    const { depth = 11, batchNorm = false, dropout = 0.5, smallImages = false } = options;
    const { width = 64, channels = 3, numClasses = 1000 } = options;
    if (!Object.hasOwn(STAGES, depth)) throw unknownName('VGG', 'depth', depth, Object.keys(STAGES));
    const widthOf = scaled(width);
    const layers: nn.Module[] = [];
    let inChannels = channels;
    for (const stage of STAGES[depth]) {
      for (const outChannels of stage.map(widthOf)) {
        const initialize = { weight: nn.init.kaimingNormalFanOut(), bias: nn.init.zeros };
        layers.push(new nn.Conv2d(inChannels, outChannels, 3, { padding: 1, initialize }));
        if (batchNorm) layers.push(new nn.BatchNorm2d(outChannels));
        layers.push(new nn.ReLU());
        inChannels = outChannels;
      }
      layers.push(new nn.MaxPool2d(2));
    }
    this.features = new nn.Sequential(...layers);
    const grid = smallImages ? 1 : 7;
    this.avgpool = new nn.AdaptiveAvgPool2d(grid);
    const hidden = widthOf(4096);
    this.classifier = new nn.Sequential(
      linear(inChannels * grid ** 2, hidden),
      new nn.ReLU(),
      new nn.Dropout(dropout),
      linear(hidden, hidden),
      new nn.ReLU(),
      new nn.Dropout(dropout),
      linear(hidden, numClasses),
    );
  }

  override forward(x: Tensor): Tensor {
    const pooled = this.avgpool.forward(this.features.forward(x));
    return this.classifier.forward(flatten(pooled, { startDim: 1 }));
  }
}
