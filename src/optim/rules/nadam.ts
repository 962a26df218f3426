/** NAdam, torch.optim.NAdam. */
import nadamStep from '../../../shaders/optimizer/nadam.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { decayOf } from './adam';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'nadam'>> = {
  derive({ betas, momentumDecay }, index, lr, { memory, momentum: beta1 = betas[0] }) {
    const t = index + 1;
    const mu = (step: number) => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
    memory.mu_product = (memory.mu_product ?? 1) * mu(t);
    return [
      (lr * (1 - mu(t))) / (1 - memory.mu_product),
      (lr * mu(t + 1)) / (1 - memory.mu_product * mu(t + 1)),
      1 / (1 - betas[1] ** t),
      beta1,
      1 - beta1,
    ];
  },
  update({ maximize, betas: [, beta2], eps, ...decay }, segment) {
    const params = { beta2, one_minus_beta2: 1 - beta2, eps, ...decayOf(decay) };
    recordUpdate(nadamStep, segment, ['m', 'v'], params, maximize);
  },
};
