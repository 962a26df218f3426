/** MobileNetV2 with torchvision's module names. */
import { checkOptions } from '../checks';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { IMAGE_OPTIONS, type MobileNetOptions } from './image-model';

export interface MobileNetV2Options extends MobileNetOptions {
  dropout?: number;
}

/** Convolution, batch norm, ReLU6, named 0, 1, 2; a 3x3 kernel per channel where `groups` are the channels. */
const convNormActivation = (
  inChannels: number,
  outChannels: number,
  kernelSize: number,
  { stride = 1, groups = 1 } = {},
) =>
  new nn.Sequential(
    conv(inChannels, outChannels, kernelSize, { stride, groups }),
    new nn.BatchNorm2d(outChannels),
    new nn.ReLU6(),
  );

const conv = (inChannels: number, outChannels: number, kernelSize: number, { stride = 1, groups = 1 } = {}) =>
  new nn.Conv2d(inChannels, outChannels, kernelSize, {
    stride,
    groups,
    padding: (kernelSize - 1) / 2,
    bias: false,
    initialize: nn.init.kaimingNormalFanOut(),
  });

/** 1x1 up, 3x3 per channel, 1x1 down without activation; added to the input where the shapes agree. */
class InvertedResidual extends nn.Module {
  readonly conv: nn.Sequential;
  private readonly residual: boolean;

  constructor(inChannels: number, outChannels: number, stride: number, expandRatio: number) {
    super();
    const hidden = inChannels * expandRatio;
    this.residual = stride === 1 && inChannels === outChannels;
    this.conv = new nn.Sequential(
      ...(expandRatio === 1 ? [] : [convNormActivation(inChannels, hidden, 1)]),
      convNormActivation(hidden, hidden, 3, { stride, groups: hidden }),
      conv(hidden, outChannels, 1),
      new nn.BatchNorm2d(outChannels),
    );
  }

  override forward(x: Tensor): Tensor {
    const y = this.conv.forward(x);
    return this.residual ? ops.add(x, y) : y;
  }
}

/** The multiple of 8 nearest to a width, but at least nine tenths of it, as in the authors' code. */
function divisible(width: number): number {
  const rounded = Math.max(8, Math.floor((width + 4) / 8) * 8);
  return rounded < 0.9 * width ? rounded + 8 : rounded;
}

/** Blocks: expansion, channels, count, stride of the first (Sandler et al., table 2). */
const BLOCKS = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
/** Channels after the first and the last convolution. */
const [FIRST, LAST] = [32, 1280];

/**
 * MobileNetV2: `[N, channels, H, W]` to logits `[N, numClasses]`. With `smallImages` the first convolution and the
 * first block with stride keep the resolution.
 * Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018; torchvision.models.mobilenetv2.
 */
export class MobileNetV2 extends nn.Module {
  readonly features: nn.Sequential;
  readonly classifier: nn.Sequential;

  constructor(options: MobileNetV2Options = {}) {
    super();
    checkOptions('MobileNetV2', options, [...IMAGE_OPTIONS, 'widthMult', 'dropout']);
    const { widthMult = 1, channels = 3, numClasses = 1000, smallImages = false, dropout = 0.2 } = options;
    let inChannels = divisible(FIRST * widthMult);
    const layers: nn.Module[] = [
      convNormActivation(channels, inChannels, 3, { stride: smallImages ? 1 : 2 }),
    ];
    BLOCKS.forEach(([expandRatio, width, count, firstStride], stage) => {
      const outChannels = divisible(width * widthMult);
      for (let i = 0; i < count; i++) {
        const stride = i > 0 || (smallImages && stage === 1) ? 1 : firstStride;
        layers.push(new InvertedResidual(inChannels, outChannels, stride, expandRatio));
        inChannels = outChannels;
      }
    });
    const last = divisible(LAST * Math.max(1, widthMult));
    this.features = new nn.Sequential(...layers, convNormActivation(inChannels, last, 1));
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      new nn.Linear(last, numClasses, {
        initialize: { weight: nn.init.normal(0, 0.01), bias: nn.init.zeros },
      }),
    );
  }

  override forward(x: Tensor): Tensor {
    const pooled = ops.globalAvgPool(this.features.forward(x));
    return this.classifier.forward(ops.flatten(pooled, { startDim: 1 }));
  }
}
