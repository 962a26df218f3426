/** GoogLeNet (Inception v1) with torchvision's module names. */
import { checkOptions } from '../checks';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { IMAGE_OPTIONS, type ImageModelOptions, scaled } from './image-model';

/** Weights of convolutions and linear layers start as torchvision's. */
const initialize = nn.init.normal(0, 0.01);
/** Of the losses of the auxiliary heads (Szegedy et al., section 5). */
const AUXILIARY_WEIGHT = 0.3;

/** Convolution, batch norm, ReLU. */
class BasicConv2d extends nn.Module {
  readonly conv: nn.Conv2d;
  readonly bn: nn.BatchNorm2d;

  constructor(inChannels: number, outChannels: number, kernelSize: number, options: nn.ConvOptions = {}) {
    super();
    this.conv = new nn.Conv2d(inChannels, outChannels, kernelSize, { bias: false, initialize, ...options });
    this.bn = new nn.BatchNorm2d(outChannels, { eps: 0.001 });
  }

  override forward(x: Tensor): Tensor {
    return ops.relu(this.bn.forward(this.conv.forward(x)));
  }
}

/** Output channels of an inception block's branches; the 3x3 branches first reduce their inputs. */
interface Branches {
  ch1x1: number;
  ch3x3: readonly [reduced: number, channels: number];
  ch5x5: readonly [reduced: number, channels: number];
  pool: number;
}

/** Four branches side by side, joined along the channels. */
class Inception extends nn.Module {
  readonly branch1: BasicConv2d;
  readonly branch2: nn.Sequential;
  readonly branch3: nn.Sequential;
  readonly branch4: nn.Sequential;
  private readonly outChannels: number;

  constructor(inChannels: number, { ch1x1, ch3x3, ch5x5, pool }: Branches) {
    super();
    const reduced = ([least, channels]: readonly [number, number]) =>
      new nn.Sequential(
        new BasicConv2d(inChannels, least, 1),
        new BasicConv2d(least, channels, 3, { padding: 1 }),
      );
    this.branch1 = new BasicConv2d(inChannels, ch1x1, 1);
    this.branch2 = reduced(ch3x3);
    // The paper's kernel is 5x5; torchvision's weights, and so these names and sizes, are for 3x3.
    this.branch3 = reduced(ch5x5);
    this.branch4 = new nn.Sequential(
      new nn.MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }),
      new BasicConv2d(inChannels, pool, 1),
    );
    this.outChannels = ch1x1 + ch3x3[1] + ch5x5[1] + pool;
  }

  /** Channels of the output. */
  get channels(): number {
    return this.outChannels;
  }

  override forward(x: Tensor): Tensor {
    const { branch1, branch2, branch3, branch4 } = this;
    return ops.cat(
      [branch1, branch2, branch3, branch4].map((branch) => branch.forward(x)),
      { dim: 1 },
    );
  }
}

/** A classifier on the features of a middle layer. */
class InceptionAux extends nn.Module {
  readonly conv: BasicConv2d;
  readonly fc1: nn.Linear;
  readonly fc2: nn.Linear;

  constructor(
    inChannels: number,
    widths: { channels: number; hidden: number; numClasses: number },
    private readonly dropoutP: number,
  ) {
    super();
    const { channels, hidden, numClasses } = widths;
    this.conv = new BasicConv2d(inChannels, channels, 1);
    this.fc1 = linear(16 * channels, hidden);
    this.fc2 = linear(hidden, numClasses);
  }

  override forward(x: Tensor): Tensor {
    const features = this.conv.forward(ops.adaptiveAvgPool2d(x, { outputSize: 4 }));
    const hidden = ops.relu(this.fc1.forward(ops.flatten(features, { startDim: 1 })));
    return this.fc2.forward(ops.dropout(hidden, { p: this.dropoutP }));
  }
}

function linear(inFeatures: number, outFeatures: number): nn.Linear {
  const bias = nn.init.fanInUniform(inFeatures);
  return new nn.Linear(inFeatures, outFeatures, { initialize: { weight: initialize, bias } });
}

export interface GoogLeNetOptions extends ImageModelOptions {
  /** Whether there are auxiliary heads, whose losses count 0.3 each in training. Default true. */
  auxLogits?: boolean;
  /** Before the last layer. */
  dropout?: number;
  /** In the auxiliary heads. */
  dropoutAux?: number;
}

/**
 * GoogLeNet: `[N, channels, H, W]` to logits `[N, numClasses]`; in training to graded outputs with those of the two
 * auxiliary heads. For images from 15x15; with `smallImages` the first convolution is 3x3 without stride and is not
 * followed by pooling.
 * Source: Szegedy et al., "Going Deeper with Convolutions", 2014; torchvision.models.googlenet.
 */
export class GoogLeNet extends nn.Module {
  readonly conv1: BasicConv2d;
  readonly maxpool1: nn.Module;
  readonly conv2: BasicConv2d;
  readonly conv3: BasicConv2d;
  readonly maxpool2: nn.Module;
  readonly inception3a: Inception;
  readonly inception3b: Inception;
  readonly maxpool3: nn.Module;
  readonly inception4a: Inception;
  readonly inception4b: Inception;
  readonly inception4c: Inception;
  readonly inception4d: Inception;
  readonly inception4e: Inception;
  readonly maxpool4: nn.Module;
  readonly inception5a: Inception;
  readonly inception5b: Inception;
  readonly aux1?: InceptionAux;
  readonly aux2?: InceptionAux;
  readonly dropout: nn.Module;
  readonly fc: nn.Linear;

  constructor(options: GoogLeNetOptions = {}) {
    super();
    checkOptions('GoogLeNet', options, [...IMAGE_OPTIONS, 'auxLogits', 'dropout', 'dropoutAux']);
    const { width = 64, channels = 3, numClasses = 1000, smallImages = false } = options;
    const { auxLogits = true, dropout = 0.2, dropoutAux = 0.7 } = options;
    const of = scaled(width);
    let inChannels = of(192);
    const inception = (...sizes: readonly number[]) => {
      const [ch1x1, red3, ch3, red5, ch5, pool] = sizes.map(of);
      const made = new Inception(inChannels, { ch1x1, ch3x3: [red3, ch3], ch5x5: [red5, ch5], pool });
      inChannels = made.channels;
      return made;
    };
    const pool = (kernelSize: number) => new nn.MaxPool2d(kernelSize, { stride: 2, ceilMode: true });
    const aux = () =>
      auxLogits
        ? new InceptionAux(inChannels, { channels: of(128), hidden: of(1024), numClasses }, dropoutAux)
        : undefined;
    this.conv1 = smallImages
      ? new BasicConv2d(channels, of(64), 3, { padding: 1 })
      : new BasicConv2d(channels, of(64), 7, { stride: 2, padding: 3 });
    this.maxpool1 = smallImages ? new nn.Identity() : pool(3);
    this.conv2 = new BasicConv2d(of(64), of(64), 1);
    this.conv3 = new BasicConv2d(of(64), of(192), 3, { padding: 1 });
    this.maxpool2 = pool(3);
    this.inception3a = inception(64, 96, 128, 16, 32, 32);
    this.inception3b = inception(128, 128, 192, 32, 96, 64);
    this.maxpool3 = pool(3);
    this.inception4a = inception(192, 96, 208, 16, 48, 64);
    this.aux1 = aux();
    this.inception4b = inception(160, 112, 224, 24, 64, 64);
    this.inception4c = inception(128, 128, 256, 24, 64, 64);
    this.inception4d = inception(112, 144, 288, 32, 64, 64);
    this.aux2 = aux();
    this.inception4e = inception(256, 160, 320, 32, 128, 128);
    this.maxpool4 = pool(2);
    this.inception5a = inception(256, 160, 320, 32, 128, 128);
    this.inception5b = inception(384, 192, 384, 48, 128, 128);
    this.dropout = new nn.Dropout(dropout);
    this.fc = linear(inChannels, numClasses);
  }

  override forward(x: Tensor): Tensor | nn.ModelOutput {
    const run = (layers: readonly nn.Module[], from: Tensor): Tensor =>
      layers.reduce((h, layer) => layer.forward(h), from);
    const stem = run([this.conv1, this.maxpool1, this.conv2, this.conv3, this.maxpool2], x);
    const h4a = run([this.inception3a, this.inception3b, this.maxpool3, this.inception4a], stem);
    const h4d = run([this.inception4b, this.inception4c, this.inception4d], h4a);
    const last = run([this.inception4e, this.maxpool4, this.inception5a, this.inception5b], h4d);
    const features = ops.flatten(ops.globalAvgPool(last), { startDim: 1 });
    const answer = this.fc.forward(this.dropout.forward(features));
    const { aux1, aux2 } = this;
    if (!x.graph.training || !aux1 || !aux2) return answer;
    const heads = [aux1.forward(h4a), aux2.forward(h4d)];
    return new nn.ModelOutput(answer, [
      { output: answer, weight: 1 },
      ...heads.map((output) => ({ output, weight: AUXILIARY_WEIGHT })),
    ]);
  }
}
