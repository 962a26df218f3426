/** AlexNet with torchvision's module names. */
import { checkOptions } from '../checks';
import type { Tensor } from '../graph/ir/graph';
import * as nn from '../nn';
import { flatten } from '../ops';
import { IMAGE_OPTIONS, type ImageModelOptions, scaled } from './image-model';

/**
 * AlexNet in the form with one tower: `[N, channels, H, W]` to logits `[N, numClasses]`, for images from 63x63; 61.1
 * million parameters at full size. With `smallImages` the first convolution is 3x3 without stride.
 * Source: Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014; torchvision.models.alexnet.
 */
export class AlexNet extends nn.Module {
  readonly features: nn.Sequential;
  readonly avgpool: nn.Module;
  readonly classifier: nn.Sequential;

  constructor(options: ImageModelOptions & { dropout?: number } = {}) {
    super();
    checkOptions('AlexNet', options, [...IMAGE_OPTIONS, 'dropout']);
    const { width = 64, channels = 3, numClasses = 1000, smallImages = false, dropout = 0.5 } = options;
    const [c64, c192, c384, c256, hidden] = [64, 192, 384, 256, 4096].map(scaled(width));
    const stem = smallImages ? { kernel: 3, stride: 1, padding: 1 } : { kernel: 11, stride: 4, padding: 2 };
    const grid = smallImages ? 1 : 6;
    this.features = new nn.Sequential(
      new nn.Conv2d(channels, c64, stem.kernel, { stride: stem.stride, padding: stem.padding }),
      new nn.ReLU(),
      new nn.MaxPool2d(3, { stride: 2 }),
      new nn.Conv2d(c64, c192, 5, { padding: 2 }),
      new nn.ReLU(),
      new nn.MaxPool2d(3, { stride: 2 }),
      new nn.Conv2d(c192, c384, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.Conv2d(c384, c256, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.Conv2d(c256, c256, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(3, { stride: 2 }),
    );
    this.avgpool = new nn.AdaptiveAvgPool2d(grid);
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      new nn.Linear(c256 * grid ** 2, hidden),
      new nn.ReLU(),
      new nn.Dropout(dropout),
      new nn.Linear(hidden, hidden),
      new nn.ReLU(),
      new nn.Linear(hidden, numClasses),
    );
  }

  override forward(x: Tensor): Tensor {
    const pooled = this.avgpool.forward(this.features.forward(x));
    return this.classifier.forward(flatten(pooled, { startDim: 1 }));
  }
}
