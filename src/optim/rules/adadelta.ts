/** Adadelta, torch.optim.Adadelta. */
import adadeltaStep from '../../../shaders/optimizer/adadelta.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'adadelta'>> = {
  derive: () => [],
  update({ maximize, rho, eps, weightDecay: l2 }, segment) {
    const params = { rho, one_minus_rho: 1 - rho, eps, l2 };
    recordUpdate(adadeltaStep, segment, ['v', 'acc'], params, maximize);
  },
};
