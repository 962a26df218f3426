/** torch.nn.ConstantPad1d to ZeroPad3d: padding of the spatial dimensions of `[N, C, ...]` or `[C, ...]`. */
import { GradloomError, showValue } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { pad } from '../ops';
import { BATCHED, checkLayout } from './arguments';
import { Module } from './module';

/** Positions added on every side, or before and after each dimension, last dimension first: `[left, right, top, bottom]`. */
export type Padding = number | readonly number[];

type Rank = 1 | 2 | 3;
type Mode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** Pads the last `rank` dimensions. */
abstract class Pad extends Module {
  private readonly pad: number[];

  constructor(
    private readonly rank: Rank,
    private readonly mode: Mode,
    padding: Padding,
    private readonly value = 0,
  ) {
    super();
    const entries: unknown[] = [padding].flat();
    const isWhole = entries.every((n) => Number.isSafeInteger(n));
    if (!isWhole || typeof value !== 'number') {
      const [argument, given] = isWhole ? ['value', value] : ['padding', padding];
      const expected = isWhole ? 'a number' : 'a whole number, or a list of them';
      throw new GradloomError({
        code: 'argument',
        op: this.typeName,
        argument,
        got: showValue(given),
        expected,
      });
    }
    this.pad = typeof padding === 'number' ? new Array<number>(2 * rank).fill(padding) : [...padding];
    if (this.pad.length === 2 * rank) return;
    throw new GradloomError({
      code: 'argument',
      op: this.typeName,
      argument: 'padding',
      got: `${this.pad.length} numbers`,
      expected: `a number, or ${2 * rank}: before and after each of ${rank} dimensions, last first`,
    });
  }

  override forward(x: Tensor): Tensor {
    const batched = BATCHED[this.rank - 1];
    checkLayout(this.typeName, x, [batched, batched.replace('N, ', '')]);
    return pad(x, { pad: this.pad, mode: this.mode, value: this.value });
  }
}

/** Pads `[N, C, L]` with a number. */
export class ConstantPad1d extends Pad {
  constructor(padding: Padding, value: number) {
    super(1, 'constant', padding, value);
  }
}

/** Pads `[N, C, H, W]` with a number. */
export class ConstantPad2d extends Pad {
  constructor(padding: Padding, value: number) {
    super(2, 'constant', padding, value);
  }
}

/** Pads `[N, C, D, H, W]` with a number. */
export class ConstantPad3d extends Pad {
  constructor(padding: Padding, value: number) {
    super(3, 'constant', padding, value);
  }
}

/** Pads `[N, C, L]` with zeros. */
export class ZeroPad1d extends Pad {
  constructor(padding: Padding) {
    super(1, 'constant', padding);
  }
}

/** Pads `[N, C, H, W]` with zeros. */
export class ZeroPad2d extends Pad {
  constructor(padding: Padding) {
    super(2, 'constant', padding);
  }
}

/** Pads `[N, C, D, H, W]` with zeros. */
export class ZeroPad3d extends Pad {
  constructor(padding: Padding) {
    super(3, 'constant', padding);
  }
}

/** Pads `[N, C, L]` with its mirror image, without the edge. */
export class ReflectionPad1d extends Pad {
  constructor(padding: Padding) {
    super(1, 'reflect', padding);
  }
}

/** Pads `[N, C, H, W]` with its mirror image, without the edge. */
export class ReflectionPad2d extends Pad {
  constructor(padding: Padding) {
    super(2, 'reflect', padding);
  }
}

/** Pads `[N, C, D, H, W]` with its mirror image, without the edge. */
export class ReflectionPad3d extends Pad {
  constructor(padding: Padding) {
    super(3, 'reflect', padding);
  }
}

/** Pads `[N, C, L]` with the values at its edge. */
export class ReplicationPad1d extends Pad {
  constructor(padding: Padding) {
    super(1, 'replicate', padding);
  }
}

/** Pads `[N, C, H, W]` with the values at its edge. */
export class ReplicationPad2d extends Pad {
  constructor(padding: Padding) {
    super(2, 'replicate', padding);
  }
}

/** Pads `[N, C, D, H, W]` with the values at its edge. */
export class ReplicationPad3d extends Pad {
  constructor(padding: Padding) {
    super(3, 'replicate', padding);
  }
}

/** Pads `[N, C, L]` with the values of the other side. */
export class CircularPad1d extends Pad {
  constructor(padding: Padding) {
    super(1, 'circular', padding);
  }
}

/** Pads `[N, C, H, W]` with the values of the other side. */
export class CircularPad2d extends Pad {
  constructor(padding: Padding) {
    super(2, 'circular', padding);
  }
}

/** Pads `[N, C, D, H, W]` with the values of the other side. */
export class CircularPad3d extends Pad {
  constructor(padding: Padding) {
    super(3, 'circular', padding);
  }
}
