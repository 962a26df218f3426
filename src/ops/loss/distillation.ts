/** distillationLoss: a student learns from a teacher's softened probabilities and from the labels. */
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { shapeError } from '../common';
import { add } from '../elementwise';
import { scale } from '../elementwise/scale';
import { logSoftmax } from '../softmax';
import { crossEntropy } from './cross-entropy';
import { klDiv } from './elementwise';

/** Learning from a teacher's logits and from class indices. */
export const distillationLoss = defineComposite({
  name: 'distillationLoss',
  doc:
    'Knowledge distillation of logits x from those of a teacher [N, C]: alpha T^2 KL(softmax(teacher / T) || ' +
    'softmax(x / T)) / N + (1 - alpha) crossEntropy(x, target), T being the temperature.',
  source: 'https://arxiv.org/abs/1503.02531',
  inputs: ['x', 'teacher', 'target'],
  dtypes: { target: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({
    temperature: z.number().positive().default(1),
    alpha: z.number().min(0).max(1).default(0.5),
  }),
  compose({ x, teacher, target }, { temperature, alpha }) {
    if (x.rank < 2) throw shapeError('distillationLoss', 'x', x, '[N, C, ...]');
    if (teacher.shape.join() !== x.shape.join()) {
      throw shapeError('distillationLoss', 'teacher', teacher, `the shape of x, [${x.shape.join(', ')}]`);
    }
    const hard = () => scale(crossEntropy(x, target), 1 - alpha);
    if (alpha === 0) return hard();
    const soften = (logits: typeof x) => logSoftmax(scale(logits, 1 / temperature), { dim: 1 });
    const divergence = klDiv(soften(x), soften(teacher), { reduction: 'batchmean', logTarget: true });
    const soft = scale(divergence, alpha * temperature ** 2);
    return alpha === 1 ? soft : add(soft, hard());
  },
});
