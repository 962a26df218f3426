/** RMSprop, torch.optim.RMSprop. */
import step from '../../../shaders/optimizer/rmsprop.step.wgsl';
import type { OptionsOf } from '../optimizer-options';
import { recordUpdate, type UpdateRule } from './rule';

export const rule: UpdateRule<OptionsOf<'rmsprop'>> = {
  derive: (o, _index, _lr, { momentum = o.momentum }) => [momentum],
  update({ maximize, alpha, eps, weightDecay: l2, centered }, segment) {
    const params = { alpha, one_minus_alpha: 1 - alpha, eps, l2 };
    const hasMomentum = segment.state.length > (centered ? 2 : 1);
    const record = <W extends string>(kernels: Parameters<typeof recordUpdate<W, Fields>>[0], states: W[]) =>
      recordUpdate<W, Fields>(kernels, segment, states as never[], params, maximize);
    if (centered && hasMomentum) {
      const kernels = {
        contiguous: step['contiguous.centered.momentum'],
        indexed: step['indexed.centered.momentum'],
      };
      record(kernels, ['v', 'mean', 'buf']);
    } else if (centered) {
      record({ contiguous: step['contiguous.centered'], indexed: step['indexed.centered'] }, ['v', 'mean']);
    } else if (hasMomentum) {
      record({ contiguous: step['contiguous.momentum'], indexed: step['indexed.momentum'] }, ['v', 'buf']);
    } else record(step, ['v']);
  },
};

type Fields = 'n4' | 'sign' | 'alpha' | 'one_minus_alpha' | 'eps' | 'l2' | 'clip_value';
