/** Adagrad, torch.optim.Adagrad. */
import adagradStep from '../../../shaders/optimizer/adagrad.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'adagrad'>> = {
  derive: ({ lrDecay }, index, lr) => [lr / (1 + index * lrDecay), index === 0 ? 1 : 0],
  update: ({ maximize, eps, weightDecay: l2, initialAccumulatorValue: initial }, segment) =>
    recordUpdate(adagradStep, segment, ['sum'], { initial, eps, l2 }, maximize),
};
