/** lpPool2d: the p-norm over windows. */
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { mul, pow } from '../elementwise';
import { poolField } from '../rules';
import { positive, triple, volumeSize } from '../spatial';
import { avgPool2d } from './pool';

export const lpPool2d = defineComposite({
  name: 'lpPool2d',
  receptiveField: poolField,
  module: { name: 'LPPool2d', positional: ['normType', 'kernelSize', 'stride'] },
  doc:
    'The p-norm of each window: y = (sum of x^p)^(1 / p). A window that overhangs (ceilMode) counts as if its missing ' +
    'values were the mean of the others.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool2d.html',
  inputs: ['x'],
  outputs: ['y'],
  attrs: z.strictObject({
    normType: z.number().positive(),
    kernelSize: positive,
    stride: positive.nullable().default(null),
    ceilMode: z.boolean().default(false),
  }),
  compose({ x }, { normType, ...window }) {
    const average = avgPool2d(pow(x, normType), window);
    const count = volumeSize(triple('lpPool2d', 'kernelSize', window.kernelSize, 2, 1));
    return pow(mul(average, count), 1 / normType);
  },
});
