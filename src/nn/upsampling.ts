/** torch.nn.UpsamplingNearest2d and UpsamplingBilinear2d: `Upsample` of images with a fixed mode. */
import { checkOptions } from '../checks';
import type { Tensor } from '../graph/ir/graph';
import { interpolate } from '../ops';
import { checkLayout } from './arguments';
import { Module } from './module';

/** The size of the result, or by how much it is larger; a number for both dimensions or one for each. */
export interface UpsamplingOptions {
  size?: number | number[];
  scaleFactor?: number | number[];
}

abstract class Upsampling2d extends Module {
  constructor(
    private readonly mode: 'nearest' | 'bilinear',
    private readonly options: UpsamplingOptions,
  ) {
    super();
    checkOptions(this.typeName, options, ['size', 'scaleFactor']);
  }

  override forward(x: Tensor): Tensor {
    checkLayout(this.typeName, x, ['[N, C, H, W]']);
    const alignCorners = this.mode === 'bilinear' ? true : null;
    return interpolate(x, { ...this.options, mode: this.mode, alignCorners });
  }
}

/** `[N, C, H, W]` in another size, each value the nearest one. */
export class UpsamplingNearest2d extends Upsampling2d {
  constructor(options: UpsamplingOptions) {
    super('nearest', options);
  }

  override get typeName() {
    return 'UpsamplingNearest2d';
  }
}

/** `[N, C, H, W]` in another size, each value between the four around it; corners stay where they are. */
export class UpsamplingBilinear2d extends Upsampling2d {
  constructor(options: UpsamplingOptions) {
    super('bilinear', options);
  }

  override get typeName() {
    return 'UpsamplingBilinear2d';
  }
}
