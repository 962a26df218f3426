/** RAdam, torch.optim.RAdam. */
import radamStep from '../../../shaders/optimizer/radam.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { decayOf } from './adam';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'radam'>> = {
  derive({ betas }, index, lr, { momentum: beta1 = betas[0] }) {
    const [, beta2] = betas;
    const t = index + 1;
    const correction = 1 - beta2 ** t;
    const longest = 2 / (1 - beta2) - 1;
    const length = longest - (2 * t * beta2 ** t) / correction;
    const rectified = Math.sqrt(
      ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length),
    );
    return [lr / (1 - beta1 ** t), length > 5 ? rectified * Math.sqrt(correction) : 0, beta1, 1 - beta1];
  },
  update({ maximize, betas: [, beta2], eps, ...decay }, segment) {
    const params = { beta2, one_minus_beta2: 1 - beta2, eps, ...decayOf(decay) };
    recordUpdate(radamStep, segment, ['m', 'v'], params, maximize);
  },
};
