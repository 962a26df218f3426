/** Resilient backpropagation, torch.optim.Rprop. */
import rpropStep from '../../../shaders/optimizer/rprop.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'rprop'>> = {
  derive: (_, index) => [index === 0 ? 1 : 0],
  update({ maximize, etas: [eta_minus, eta_plus], stepSizes: [least, most] }, segment) {
    const params = { eta_minus, eta_plus, least, most };
    recordUpdate(rpropStep, segment, ['prev', 'sizes'], params, maximize);
  },
};
