/** Averaged SGD, torch.optim.ASGD: the step size and the weight of the average are those that the update before left. */
import asgdStep from '../../../shaders/optimizer/asgd.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'asgd'>> = {
  derive({ lambd, alpha, t0 }, index, lr, { memory }) {
    const { eta = lr, mu = 1 } = memory;
    const t = index + 1;
    memory.eta = lr / (1 + lambd * lr * t) ** alpha;
    memory.mu = 1 / Math.max(1, t - t0);
    return [eta, 1 - lambd * eta, mu];
  },
  update: ({ maximize, weightDecay: l2 }, segment) =>
    recordUpdate(asgdStep, segment, ['ax'], { l2 }, maximize),
};
