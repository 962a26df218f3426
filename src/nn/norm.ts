/** Normalization layers of torch.nn. */
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from '../ops';
import { ones, zeros } from './init';
import { buffer, Module, parameter } from './module';

export interface BatchNormOptions {
  eps?: number;
  momentum?: number;
  affine?: boolean;
  trackRunningStats?: boolean;
}

/** torch.nn.BatchNorm1d, 2d and 3d: normalizes each channel of `[N, numFeatures, ...]` over batch and space. */
export class BatchNorm extends Module {
  readonly weight?: Variable;
  readonly bias?: Variable;
  readonly runningMean?: Variable;
  readonly runningVar?: Variable;
  private readonly attrs: { eps: number; momentum: number };

  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    if (affine) {
      this.weight = parameter([numFeatures], ones);
      this.bias = parameter([numFeatures], zeros);
    }
    if (trackRunningStats) {
      this.runningMean = buffer([numFeatures], zeros);
      this.runningVar = buffer([numFeatures], ones);
    }
    this.attrs = { eps, momentum };
  }

  override forward(x: Tensor): Tensor {
    return batchNorm(x, this.weight, this.bias, this.runningMean, this.runningVar, this.attrs).y;
  }
}

/** torch.nn.InstanceNorm1d, 2d and 3d: normalizes each channel of each sample over space. */
export class InstanceNorm extends Module {
  readonly weight?: Variable;
  readonly bias?: Variable;
  readonly runningMean?: Variable;
  readonly runningVar?: Variable;
  private readonly attrs: { eps: number; momentum: number };

  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = false, trackRunningStats = false } = options;
    if (affine) {
      this.weight = parameter([numFeatures], ones);
      this.bias = parameter([numFeatures], zeros);
    }
    if (trackRunningStats) {
      this.runningMean = buffer([numFeatures], zeros);
      this.runningVar = buffer([numFeatures], ones);
    }
    this.attrs = { eps, momentum };
  }

  override forward(x: Tensor): Tensor {
    const useInputStats = x.graph.training || !this.runningMean;
    const inputs = [x, this.runningMean, this.runningVar, this.weight, this.bias] as const;
    return instanceNorm(...inputs, { ...this.attrs, useInputStats }).y;
  }
}

/** torch.nn.LayerNorm over the last dimensions. */
export class LayerNorm extends Module {
  readonly weight?: Variable;
  readonly bias?: Variable;
  private readonly attrs: { normalizedShape: number[]; eps: number };

  constructor(
    normalizedShape: number | number[],
    { eps = 1e-5, elementwiseAffine = true, bias = true } = {},
  ) {
    super();
    const shape = [normalizedShape].flat();
    if (elementwiseAffine) {
      this.weight = parameter(shape, ones);
      if (bias) this.bias = parameter(shape, zeros);
    }
    this.attrs = { normalizedShape: shape, eps };
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, this.bias, this.attrs);
  }
}

/** torch.nn.RMSNorm over the last dimensions. */
export class RMSNorm extends Module {
  readonly weight?: Variable;
  private readonly attrs: { normalizedShape: number[]; eps: number | null };

  constructor(
    normalizedShape: number | number[],
    { eps = null, elementwiseAffine = true }: { eps?: number | null; elementwiseAffine?: boolean } = {},
  ) {
    super();
    const shape = [normalizedShape].flat();
    if (elementwiseAffine) this.weight = parameter(shape, ones);
    this.attrs = { normalizedShape: shape, eps };
  }

  override forward(x: Tensor): Tensor {
    return rmsNorm(x, this.weight, this.attrs);
  }
}

/** torch.nn.GroupNorm over groups of channels of `[N, numChannels, ...]`. */
export class GroupNorm extends Module {
  readonly weight?: Variable;
  readonly bias?: Variable;
  private readonly attrs: { numGroups: number; eps: number };

  constructor(numGroups: number, numChannels: number, { eps = 1e-5, affine = true } = {}) {
    super();
    if (affine) {
      this.weight = parameter([numChannels], ones);
      this.bias = parameter([numChannels], zeros);
    }
    this.attrs = { numGroups, eps };
  }

  override forward(x: Tensor): Tensor {
    return groupNorm(x, this.weight, this.bias, this.attrs);
  }
}
