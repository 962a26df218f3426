/** maxPool1d-3d and avgPool1d-3d: one declaration each for the three, whose kernels work on volumes. */
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { poolField } from '../rules';
import { notNegative, positive } from '../spatial';
import { dilatedMeans } from './dilated';
import { largestOf, meanWindows, returnIndices } from './kernels';
import { planPool } from './window';

const window = {
  kernelSize: positive,
  stride: positive.nullable().default(null),
  padding: notNegative.default(0),
  ceilMode: z.boolean().default(false),
};

function defineMaxPool(rank: 1 | 2 | 3) {
  const op = `maxPool${rank}d`;
  return defineComposite({
    name: op,
    module: { name: `MaxPool${rank}d`, positional: ['kernelSize', 'stride', 'padding', 'dilation'] },
    receptiveField: poolField,
    doc:
      'The largest value of each window: y[n, c, q] = max over k of x[n, c, q * stride + k * dilation - padding]. With ' +
      '`returnIndices` a further output, indices, tells its position in the plane.',
    source: `https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool${rank}d.html`,
    inputs: ['x'],
    outputs: ['y'],
    attrs: z.strictObject({ ...window, dilation: positive.default(1), returnIndices }),
    compose: ({ x }, { returnIndices, ...attrs }) =>
      largestOf(x, planPool(op, rank, x, attrs), returnIndices),
  });
}

/** Max pooling of [N, C, L] or [C, L]; the stride is the kernel's size unless given. */
export const maxPool1d = defineMaxPool(1);
/** Max pooling of [N, C, H, W] or [C, H, W]; the stride is the kernel's size unless given. */
export const maxPool2d = defineMaxPool(2);
/** Max pooling of [N, C, D, H, W] or [C, D, H, W]; the stride is the kernel's size unless given. */
export const maxPool3d = defineMaxPool(3);

const averaging = z.strictObject({
  ...window,
  countIncludePad: z.boolean().default(true),
  dilation: positive.default(1),
});

function defineAvgPool<A extends typeof averaging>(rank: 1 | 2 | 3, attrs: A) {
  const op = `avgPool${rank}d`;
  return defineComposite({
    name: op,
    module: { name: `AvgPool${rank}d`, positional: ['kernelSize', 'stride', 'padding'] },
    receptiveField: poolField,
    doc:
      'The average of each window: y[n, c, q] = sum over k of x[n, c, q * stride + k * dilation - padding] / count, ' +
      'where count takes in the padding unless countIncludePad is false.',
    source: `https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool${rank}d.html`,
    inputs: ['x'],
    outputs: ['y'],
    attrs,
    compose({ x }, given) {
      const { divisorOverride } = given as { divisorOverride?: number | null };
      const count = divisorOverride ? divisorOverride + 1 : Number(given.countIncludePad);
      const pooling = planPool(op, rank, x, given, count);
      const hasGaps = pooling.dilation.some((gap, d) => gap > 1 && pooling.kernel[d] > 1);
      return hasGaps ? dilatedMeans(x, pooling, rank) : meanWindows({ x }, pooling).y;
    },
  });
}

const withDivisor = averaging.extend({ divisorOverride: z.int().min(1).nullable().default(null) });

/** Average pooling of [N, C, L] or [C, L]; the stride is the kernel's size unless given. */
export const avgPool1d = defineAvgPool(1, averaging);
/** Average pooling of [N, C, H, W] or [C, H, W]; the stride is the kernel's size unless given. */
export const avgPool2d = defineAvgPool(2, withDivisor);
/** Average pooling of [N, C, D, H, W] or [C, D, H, W]; the stride is the kernel's size unless given. */
export const avgPool3d = defineAvgPool(3, withDivisor);
