/** lpPool1d to 3d: the p-norm over windows. */
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { mul, pow } from '../elementwise';
import { poolField } from '../rules';
import { positive, triple, volumeSize } from '../spatial';
import { avgPool1d, avgPool2d, avgPool3d } from './pool';

function defineLpPool(rank: 1 | 2 | 3) {
  const op = `lpPool${rank}d`;
  const average = [avgPool1d, avgPool2d, avgPool3d][rank - 1];
  return defineComposite({
    name: op,
    receptiveField: poolField,
    module: { name: `LPPool${rank}d`, positional: ['normType', 'kernelSize', 'stride'] },
    doc:
      'The p-norm of each window: y = (sum of x^p)^(1 / p). A window that overhangs (ceilMode) counts as if its missing ' +
      'values were the mean of the others.',
    source: `https://pytorch.org/docs/stable/generated/torch.nn.LPPool${rank}d.html`,
    inputs: ['x'],
    outputs: ['y'],
    attrs: z.strictObject({
      normType: z.number().positive(),
      kernelSize: positive,
      stride: positive.nullable().default(null),
      ceilMode: z.boolean().default(false),
    }),
    compose({ x }, { normType, ...window }) {
      const count = volumeSize(triple(op, 'kernelSize', window.kernelSize, rank, 1));
      return pow(mul(average(pow(x, normType), window), count), 1 / normType);
    },
  });
}

/** The p-norms of windows of [N, C, L] or [C, L]. */
export const lpPool1d = defineLpPool(1);
/** The p-norms of windows of [N, C, H, W] or [C, H, W]. */
export const lpPool2d = defineLpPool(2);
/** The p-norms of windows of [N, C, D, H, W] or [C, D, H, W]. */
export const lpPool3d = defineLpPool(3);
