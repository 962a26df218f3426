/** torch.nn.Linear. */
import type { Tensor } from '../graph/tensor';
import type { Variable } from '../graph/variable';
import { linear } from '../ops';
import { fanInUniform } from './init';
import { Module, parameter } from './module';

/** y = x weight^T + bias over the last dimension: `[..., inFeatures]` to `[..., outFeatures]`. */
export class Linear extends Module {
  readonly weight: Variable;
  readonly bias?: Variable;

  constructor(inFeatures: number, outFeatures: number, { bias = true } = {}) {
    super();
    this.weight = parameter([outFeatures, inFeatures], fanInUniform(inFeatures));
    if (bias) this.bias = parameter([outFeatures], fanInUniform(inFeatures));
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}
