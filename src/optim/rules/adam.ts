/** Adam and AdamW, torch.optim.Adam and torch.optim.AdamW. */
import adamStep from '../../../shaders/optimizer/adam.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'adam'> & { decoupledWeightDecay?: boolean }> = {
  derive({ betas }, index, lr, { momentum: beta1 = betas[0] }) {
    const t = index + 1;
    return [lr / (1 - beta1 ** t), 1 / Math.sqrt(1 - betas[1] ** t), beta1, 1 - beta1];
  },
  update({ maximize, betas: [, beta2], eps, amsgrad, ...decay }, segment) {
    const params = { beta2, one_minus_beta2: 1 - beta2, eps, ...decayOf(decay) };
    if (!amsgrad) return recordUpdate(adamStep, segment, ['m', 'v'], params, maximize);
    const kernels = { contiguous: adamStep['contiguous.amsgrad'], indexed: adamStep['indexed.amsgrad'] };
    recordUpdate(kernels, segment, ['m', 'v', 'v_max'], params, maximize);
  },
};

/** Weight decay as part of the gradient (L2 regularization), or decoupled from it. */
export const decayOf = (options: { weightDecay: number; decoupledWeightDecay?: boolean }) =>
  options.decoupledWeightDecay
    ? { l2: 0, decay: options.weightDecay }
    : { l2: options.weightDecay, decay: 0 };
