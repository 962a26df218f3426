/** Residual networks with torchvision's module names. */

import { checkOptions } from '../checks';
import { unknownName } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { IMAGE_OPTIONS, type ImageModelOptions } from './image-model';

/** Convolution as ResNet uses it: no bias, because batch norm follows. */
const conv = (inChannels: number, outChannels: number, kernelSize: number, stride = 1) =>
  new nn.Conv2d(inChannels, outChannels, kernelSize, {
    stride,
    padding: (kernelSize - 1) / 2,
    bias: false,
    initialize: nn.init.kaimingNormalFanOut(),
  });

/** The path around a block: identity, or a 1x1 convolution where the shape changes. */
const shortcut = (inChannels: number, outChannels: number, stride: number) =>
  stride === 1 && inChannels === outChannels
    ? undefined
    : new nn.Sequential(conv(inChannels, outChannels, 1, stride), new nn.BatchNorm2d(outChannels));

/** Two 3x3 convolutions. */
export class BasicBlock extends nn.Module {
  static readonly expansion = 1;
  readonly conv1: nn.Conv2d;
  readonly bn1: nn.BatchNorm2d;
  readonly conv2: nn.Conv2d;
  readonly bn2: nn.BatchNorm2d;
  readonly downsample?: nn.Sequential;

  constructor(inChannels: number, channels: number, stride = 1) {
    super();
    this.conv1 = conv(inChannels, channels, 3, stride);
    this.bn1 = new nn.BatchNorm2d(channels);
    this.conv2 = conv(channels, channels, 3);
    this.bn2 = new nn.BatchNorm2d(channels);
    this.downsample = shortcut(inChannels, channels, stride);
  }

  override forward(x: Tensor): Tensor {
    const h = ops.relu(this.bn1.forward(this.conv1.forward(x)));
    const y = this.bn2.forward(this.conv2.forward(h));
    return ops.relu(ops.add(y, this.downsample ? this.downsample.forward(x) : x));
  }
}

/** 1x1 down, 3x3, 1x1 up to four times the channels; the stride is in the 3x3, as in torchvision. */
export class Bottleneck extends nn.Module {
  static readonly expansion = 4;
  readonly conv1: nn.Conv2d;
  readonly bn1: nn.BatchNorm2d;
  readonly conv2: nn.Conv2d;
  readonly bn2: nn.BatchNorm2d;
  readonly conv3: nn.Conv2d;
  readonly bn3: nn.BatchNorm2d;
  readonly downsample?: nn.Sequential;

  constructor(inChannels: number, channels: number, stride = 1) {
    super();
    const outChannels = 4 * channels;
    this.conv1 = conv(inChannels, channels, 1);
    this.bn1 = new nn.BatchNorm2d(channels);
    this.conv2 = conv(channels, channels, 3, stride);
    this.bn2 = new nn.BatchNorm2d(channels);
    this.conv3 = conv(channels, outChannels, 1);
    this.bn3 = new nn.BatchNorm2d(outChannels);
    this.downsample = shortcut(inChannels, outChannels, stride);
  }

  override forward(x: Tensor): Tensor {
    const h1 = ops.relu(this.bn1.forward(this.conv1.forward(x)));
    const h2 = ops.relu(this.bn2.forward(this.conv2.forward(h1)));
    const y = this.bn3.forward(this.conv3.forward(h2));
    return ops.relu(ops.add(y, this.downsample ? this.downsample.forward(x) : x));
  }
}

/** Blocks per stage of the published networks (He et al. 2015, table 1). */
const PUBLISHED = {
  18: { block: 'basic', layers: [2, 2, 2, 2] },
  34: { block: 'basic', layers: [3, 4, 6, 3] },
  50: { block: 'bottleneck', layers: [3, 4, 6, 3] },
  101: { block: 'bottleneck', layers: [3, 4, 23, 3] },
  152: { block: 'bottleneck', layers: [3, 8, 36, 3] },
} as const;

export interface ResNetOptions extends ImageModelOptions {
  /** A published network; `block` and `layers` are for others. Default 18. */
  depth?: keyof typeof PUBLISHED;
  block?: 'basic' | 'bottleneck';
  /** Blocks per stage; each stage but the first halves the resolution and doubles the channels. */
  layers?: readonly number[];
}

/**
 * ResNet: `[N, channels, H, W]` to logits `[N, numClasses]`. Stages are `layer1`, `layer2`, ... as in torchvision. With
 * `smallImages` the stem is one 3x3 convolution without pooling (He et al. 2015, section 4.2).
 * Source: He et al., "Deep Residual Learning for Image Recognition", 2015; torchvision.models.resnet.
 */
export class ResNet extends nn.Module {
  readonly conv1: nn.Conv2d;
  readonly bn1: nn.BatchNorm2d;
  private readonly stages: readonly nn.Sequential[];
  readonly fc: nn.Linear;
  private readonly smallImages: boolean;

  constructor(options: ResNetOptions = {}) {
    super();
    checkOptions('ResNet', options, [...IMAGE_OPTIONS, 'depth', 'block', 'layers']);
    const { depth = 18, width = 64, channels = 3, numClasses = 1000 } = options;
    if (!Object.hasOwn(PUBLISHED, depth)) throw unknownName('ResNet', 'depth', depth, Object.keys(PUBLISHED));
    const { block = PUBLISHED[depth].block, layers = PUBLISHED[depth].layers } = options;
    this.smallImages = options.smallImages ?? false;
    const Block = block === 'basic' ? BasicBlock : Bottleneck;
    this.conv1 = this.smallImages
      ? conv(channels, width, 3)
      : new nn.Conv2d(channels, width, 7, {
          stride: 2,
          padding: 3,
          bias: false,
          initialize: nn.init.kaimingNormalFanOut(),
        });
    this.bn1 = new nn.BatchNorm2d(width);
    let inChannels = width;
    this.stages = layers.map((count, stage) => {
      const blocks = Array.from({ length: count }, (_, i) => {
        const made = new Block(inChannels, width * 2 ** stage, i === 0 && stage > 0 ? 2 : 1);
        inChannels = width * 2 ** stage * Block.expansion;
        return made;
      });
      return new nn.Sequential(...blocks);
    });
    this.fc = new nn.Linear(inChannels, numClasses);
  }

  override *namedChildren(): Generator<[string, nn.Module]> {
    yield ['conv1', this.conv1];
    yield ['bn1', this.bn1];
    for (const [i, stage] of this.stages.entries()) yield [`layer${i + 1}`, stage];
    yield ['fc', this.fc];
  }

  override forward(x: Tensor): Tensor {
    const stem = ops.relu(this.bn1.forward(this.conv1.forward(x)));
    const pooled = this.smallImages ? stem : ops.maxPool2d(stem, { kernelSize: 3, stride: 2, padding: 1 });
    const features = this.stages.reduce((h, stage) => stage.forward(h), pooled);
    return this.fc.forward(ops.flatten(ops.globalAvgPool(features), { startDim: 1 }));
  }
}
