/** torch.nn.Flatten and Identity. */
import { GradloomError, showValue } from '../errors';
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
    for (const [argument, value] of Object.entries({ startDim, endDim })) {
      if (Number.isInteger(value)) continue;
      const got = showValue(value);
      const fix = 'new Flatten(startDim, endDim)';
      throw new GradloomError({
        code: 'argument',
        op: 'Flatten',
        argument,
        got,
        expected: 'a dimension',
        fix,
      });
    }
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
