/** torch.nn.ConvTranspose1d, ConvTranspose2d and ConvTranspose3d. */
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { convTranspose1d, convTranspose2d, convTranspose3d } from '../ops';
import { checkConv, checkGroups, type PerDimension, perDimension } from './conv-arguments';
import { fanInUniform } from './init';
import { Module, parameter } from './module';

export interface ConvTransposeOptions {
  stride?: PerDimension;
  padding?: PerDimension;
  /** Added to one side of the output's size. */
  outputPadding?: PerDimension;
  groups?: number;
  bias?: boolean;
  dilation?: PerDimension;
}

/** Weight `[in, out / groups, ...kernel]` and bias `[out]` with PyTorch's initialization. */
abstract class ConvTranspose extends Module {
  readonly weight: Variable;
  readonly bias?: Variable;
  protected readonly attrs: Omit<ConvTransposeOptions, 'bias'>;

  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: PerDimension,
    options: ConvTransposeOptions,
  ) {
    super();
    checkConv(`ConvTranspose${rank}d`, { inChannels, outChannels }, kernelSize, options, ['outputPadding']);
    const { bias = true, ...attrs } = options;
    const { groups = 1 } = attrs;
    checkGroups(`ConvTranspose${rank}d`, groups, inChannels, outChannels);
    const kernel = perDimension(kernelSize, rank);
    // PyTorch takes the second dimension for the inputs here too, although it is the outputs.
    const initialize = fanInUniform(kernel.reduce((product, n) => product * n, outChannels / groups));
    this.weight = parameter([inChannels, outChannels / groups, ...kernel], initialize);
    if (bias) this.bias = parameter([outChannels], initialize);
    this.attrs = attrs;
  }
}

/** Transposed convolution over `[N, inChannels, L]`. */
export class ConvTranspose1d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PerDimension,
    options: ConvTransposeOptions = {},
  ) {
    super(1, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.attrs);
  }
}

/** Transposed convolution over `[N, inChannels, H, W]`. */
export class ConvTranspose2d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PerDimension,
    options: ConvTransposeOptions = {},
  ) {
    super(2, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.attrs);
  }
}

/** Transposed convolution over `[N, inChannels, D, H, W]`. */
export class ConvTranspose3d extends ConvTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PerDimension,
    options: ConvTransposeOptions = {},
  ) {
    super(3, inChannels, outChannels, kernelSize, options);
  }

  override forward(x: Tensor): Tensor {
    return convTranspose3d(x, this.weight, this.bias, this.attrs);
  }
}
