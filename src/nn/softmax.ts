/** torch.nn.Softmax2d; the other softmaxes are modules of their ops. */
import type { Tensor } from '../graph/ir/graph';
import { softmax } from '../ops';
import { checkLayout } from './arguments';
import { Module } from './module';

/** Softmax over the channels of `[N, C, H, W]` or `[C, H, W]`, at each position. */
export class Softmax2d extends Module {
  override forward(x: Tensor): Tensor {
    checkLayout('Softmax2d', x, ['[N, C, H, W]', '[C, H, W]']);
    return softmax(x, { dim: -3 });
  }
}
