/** torch.nn.Linear. */
import type { Tensor } from '../graph/ir/graph';
import type { Initializer, Variable } from '../graph/ir/variable';
import { linear } from '../ops';
import { fanInUniform } from './init';
import { Module, parameter } from './module';

export interface LinearOptions {
  bias?: boolean;
  /** An existing `[outFeatures, inFeatures]` parameter to share (tied weights). */
  weight?: Variable;
  /** PyTorch's defaults unless given. */
  initialize?: { weight: Initializer; bias: Initializer };
}

/** y = x weight^T + bias over the last dimension: `[..., inFeatures]` to `[..., outFeatures]`. */
export class Linear extends Module {
  readonly weight: Variable;
  readonly bias?: Variable;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    const { bias = true, weight, initialize } = options;
    const fanIn = fanInUniform(inFeatures);
    this.weight = weight ?? parameter([outFeatures, inFeatures], initialize?.weight ?? fanIn);
    if (bias) this.bias = parameter([outFeatures], initialize?.bias ?? fanIn);
  }

  override get classesLast() {
    return true;
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}
