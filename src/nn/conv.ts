/** torch.nn.Conv1d, Conv2d and Conv3d. */
import type { Tensor } from '../graph/ir/graph';
import type { Initializer, Variable } from '../graph/ir/variable';
import { conv1d, conv2d, conv3d } from '../ops';
import { checkConv, checkGroups, type PerDimension, perDimension } from './conv-arguments';
import { fanInUniform } from './init';
import { Module, parameter } from './module';

export type { PerDimension };

export interface ConvOptions {
  stride?: PerDimension;
  padding?: PerDimension | 'same' | 'valid';
  dilation?: PerDimension;
  groups?: number;
  bias?: boolean;
  /** Of the weight, or of both; PyTorch's defaults unless given. */
  initialize?: Initializer | { weight: Initializer; bias: Initializer };
}

/** Weight `[out, in / groups, ...kernel]` and bias `[out]` with PyTorch's initialization. */
abstract class Conv extends Module {
  readonly weight: Variable;
  readonly bias?: Variable;
  /** Of the op: stride, padding, dilation, groups. */
  readonly attrs: Omit<ConvOptions, 'bias' | 'initialize'>;

  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: PerDimension,
    options: ConvOptions,
  ) {
    super();
    checkConv(`Conv${rank}d`, { inChannels, outChannels }, kernelSize, options, ['initialize']);
    const { bias = true, initialize, ...attrs } = options;
    const { groups = 1 } = attrs;
    checkGroups(`Conv${rank}d`, groups, inChannels, outChannels);
    const kernel = perDimension(kernelSize, rank);
    const fanIn = (inChannels / groups) * kernel.reduce((product, n) => product * n, 1);
    const standard = fanInUniform(fanIn);
    const given = typeof initialize === 'function' ? { weight: initialize, bias: standard } : initialize;
    this.weight = parameter([outChannels, inChannels / groups, ...kernel], given?.weight ?? standard);
    if (bias) this.bias = parameter([outChannels], given?.bias ?? standard);
    this.attrs = attrs;
  }
}

/** Convolution over `[N, inChannels, L]`. */
export class Conv1d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDimension, options: ConvOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return conv1d(x, this.weight, this.bias, this.attrs);
  }
}

/** Convolution over `[N, inChannels, H, W]`. */
export class Conv2d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDimension, options: ConvOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.attrs);
  }
}

/** Convolution over `[N, inChannels, D, H, W]`. */
export class Conv3d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDimension, options: ConvOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return conv3d(x, this.weight, this.bias, this.attrs);
  }
}
