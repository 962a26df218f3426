/** torch.nn.Flatten and Identity. */
import type { Tensor } from '../graph/ir/graph';
import { flatten } from '../ops';
import { Module } from './module';

/** Merges the dimensions from startDim to endDim; by default all but the batch. */
export class Flatten extends Module {
  constructor(
    private readonly startDim = 1,
    private readonly endDim = -1,
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return flatten(x, { startDim: this.startDim, endDim: this.endDim });
  }
}

/** y = x. */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}
