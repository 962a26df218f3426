/** Adamax, torch.optim.Adamax. */
import adamaxStep from '../../../shaders/optimizer/adamax.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'adamax'>> = {
  derive: ({ betas }, index, lr, { momentum: beta1 = betas[0] }) => [
    lr / (1 - beta1 ** (index + 1)),
    beta1,
    1 - beta1,
  ],
  update: ({ maximize, betas: [, beta2], eps, weightDecay: l2 }, segment) =>
    recordUpdate(adamaxStep, segment, ['m', 'u'], { beta2, eps, l2 }, maximize),
};
