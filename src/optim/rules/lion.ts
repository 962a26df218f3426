/** Lion: the sign of a momentum (Chen et al. 2023). */
import lionStep from '../../../shaders/optimizer/lion.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'lion'>> = {
  derive: ({ betas }, _index, _lr, { momentum: beta1 = betas[0] }) => [beta1, 1 - beta1],
  update({ maximize, betas: [, beta2], weightDecay: decay }, segment) {
    const params = { beta2, one_minus_beta2: 1 - beta2, decay };
    recordUpdate(lionStep, segment, ['m'], params, maximize);
  },
};
