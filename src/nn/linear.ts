/** torch.nn.Linear and Bilinear. */
import { checkOptions, checkSizes } from '../checks';
import type { Tensor } from '../graph/ir/graph';
import type { Initializer, Variable } from '../graph/ir/variable';
import { bilinear, linear } from '../ops';
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
    checkSizes('Linear', { inFeatures, outFeatures });
    checkOptions('Linear', options, ['bias', 'weight', 'initialize']);
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

/** y[o] = x1^T weight[o] x2 + bias[o] over the last dimensions: a bilinear form per output. */
export class Bilinear extends Module {
  readonly weight: Variable;
  readonly bias?: Variable;

  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    options: { bias?: boolean } = {},
  ) {
    super();
    checkSizes('Bilinear', { in1Features, in2Features, outFeatures });
    checkOptions('Bilinear', options, ['bias']);
    const bounded = fanInUniform(in1Features);
    this.weight = parameter([outFeatures, in1Features, in2Features], bounded);
    if (options.bias ?? true) this.bias = parameter([outFeatures], bounded);
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias);
  }
}
