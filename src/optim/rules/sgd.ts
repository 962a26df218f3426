/** Stochastic gradient descent, torch.optim.SGD. */
import sgdStep from '../../../shaders/optimizer/sgd.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'sgd'>> = {
  derive: (o, index, _, { momentum = o.momentum }) => [index === 0 ? 1 : 0, momentum],
  update({ maximize, weightDecay: l2, nesterov, dampening }, segment) {
    if (segment.state.length === 0) recordUpdate(sgdStep, segment, [], { l2 }, maximize);
    else {
      const kernels = { contiguous: sgdStep['contiguous.momentum'], indexed: sgdStep['indexed.momentum'] };
      recordUpdate(kernels, segment, ['buf'], { l2, nesterov, undamped: 1 - dampening }, maximize);
    }
  },
};
