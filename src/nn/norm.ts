/** Normalization layers of torch.nn. */
import { checkOptions, checkSizes } from '../checks';
import { formatShape, GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm, squeeze, unsqueeze } from '../ops';
import { BATCHED, checkLayout } from './arguments';
import { ones, zeros } from './init';
import { buffer, Module, parameter } from './module';

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Weight of a new batch in the running statistics. Default 0.1. */
  momentum?: number;
  /** Whether there are a learned weight and bias. */
  affine?: boolean;
  /** Whether running statistics are kept, with which evaluation normalizes. */
  trackRunningStats?: boolean;
}

/** Shared by batch and instance norms: parameters, running statistics and the check of the layout. */
abstract class ChannelNorm extends Module {
  readonly weight?: Variable;
  readonly bias?: Variable;
  readonly runningMean?: Variable;
  readonly runningVar?: Variable;
  protected readonly attrs: { eps: number; momentum: number };

  constructor(
    protected readonly numFeatures: number,
    options: BatchNormOptions,
    defaults: boolean,
  ) {
    super();
    checkSizes(this.typeName, { numFeatures });
    checkOptions(this.typeName, options, ['eps', 'momentum', 'affine', 'trackRunningStats']);
    const { eps = 1e-5, momentum = 0.1, affine = defaults, trackRunningStats = defaults } = options;
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

  /** Ranks of inputs; the base classes take any. */
  protected get layouts(): readonly string[] | undefined {
    return undefined;
  }

  protected check(x: Tensor): void {
    if (this.layouts) checkLayout(this.typeName, x, this.layouts);
  }
}

/** Normalizes each channel of `[N, numFeatures, ...]` of any rank over batch and space. */
export class BatchNorm extends ChannelNorm {
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, options, true);
  }

  override forward(x: Tensor): Tensor {
    this.check(x);
    return batchNorm(x, this.weight, this.bias, this.runningMean, this.runningVar, this.attrs).y;
  }
}

/** torch.nn.BatchNorm1d: normalizes each channel of `[N, numFeatures]` or `[N, numFeatures, L]`. */
export class BatchNorm1d extends BatchNorm {
  protected override get layouts() {
    return ['[N, C]', BATCHED[0]];
  }
}

/** torch.nn.BatchNorm2d: normalizes each channel of `[N, numFeatures, H, W]` over batch and space. */
export class BatchNorm2d extends BatchNorm {
  protected override get layouts() {
    return [BATCHED[1]];
  }
}

/** torch.nn.BatchNorm3d: normalizes each channel of `[N, numFeatures, D, H, W]` over batch and space. */
export class BatchNorm3d extends BatchNorm {
  protected override get layouts() {
    return [BATCHED[2]];
  }
}

/** Normalizes each channel of each sample of `[N, numFeatures, ...]` over space. */
export class InstanceNorm extends ChannelNorm {
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, options, false);
  }

  override forward(x: Tensor): Tensor {
    this.check(x);
    const useInputStats = x.graph.training || !this.runningMean;
    const isBatched = this.layouts?.[0].split(',').length !== x.rank + 1;
    if (!isBatched && x.shape[0] !== this.numFeatures) {
      throw new GradloomError({
        ...{ code: 'shape', op: this.typeName, argument: 'x', got: formatShape(x.shape) },
        expected: `${this.numFeatures} channels, the first dimension of one sample`,
      });
    }
    const batch = isBatched ? x : unsqueeze(x, { dim: 0 });
    const inputs = [batch, this.runningMean, this.runningVar, this.weight, this.bias] as const;
    const { y } = instanceNorm(...inputs, { ...this.attrs, useInputStats });
    return isBatched ? y : squeeze(y, { dim: 0 });
  }
}

/** torch.nn.InstanceNorm1d: normalizes each channel of each sample of `[N, numFeatures, L]` or of one `[numFeatures, L]`. */
export class InstanceNorm1d extends InstanceNorm {
  protected override get layouts() {
    return [BATCHED[0], '[C, L]'];
  }
}

/** torch.nn.InstanceNorm2d: normalizes each channel of each sample of `[N, numFeatures, H, W]` or of one `[numFeatures, H, W]`. */
export class InstanceNorm2d extends InstanceNorm {
  protected override get layouts() {
    return [BATCHED[1], '[C, H, W]'];
  }
}

/** torch.nn.InstanceNorm3d: normalizes each channel of each sample of `[N, numFeatures, D, H, W]` or of one `[numFeatures, D, H, W]`. */
export class InstanceNorm3d extends InstanceNorm {
  protected override get layouts() {
    return [BATCHED[2], '[C, D, H, W]'];
  }
}

/** torch.nn.LayerNorm over the last dimensions. */
export class LayerNorm extends Module {
  readonly weight?: Variable;
  readonly bias?: Variable;
  private readonly attrs: { normalizedShape: number[]; eps: number };

  constructor(
    normalizedShape: number | number[],
    options: { eps?: number; elementwiseAffine?: boolean; bias?: boolean } = {},
  ) {
    super();
    checkOptions('LayerNorm', options, ['eps', 'elementwiseAffine', 'bias']);
    for (const size of [normalizedShape].flat()) checkSizes('LayerNorm', { normalizedShape: size });
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
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
    options: { eps?: number | null; elementwiseAffine?: boolean } = {},
  ) {
    super();
    checkOptions('RMSNorm', options, ['eps', 'elementwiseAffine']);
    for (const size of [normalizedShape].flat()) checkSizes('RMSNorm', { normalizedShape: size });
    const { eps = null, elementwiseAffine = true } = options;
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

  constructor(numGroups: number, numChannels: number, options: { eps?: number; affine?: boolean } = {}) {
    super();
    checkSizes('GroupNorm', { numGroups, numChannels });
    checkOptions('GroupNorm', options, ['eps', 'affine']);
    if (numChannels % numGroups !== 0) {
      const expected = `a divisor of numChannels ${numChannels}`;
      const got = String(numGroups);
      throw new GradloomError({ code: 'argument', op: 'GroupNorm', argument: 'numGroups', got, expected });
    }
    const { eps = 1e-5, affine = true } = options;
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
