/** conv1d, conv2d and conv3d: one declaration for the three, whose kernels work on volumes. */
import { defineOp } from '../../graph/ir/op';
import * as z from '../../schema';
import { convRules } from '../rules';
import { notNegative, positive } from '../spatial';
import { planConv } from './geometry';
import { convBackwardInput, convBackwardWeight, runForward } from './kernels';

const attrs = z.strictObject({
  stride: positive.default(1),
  padding: z.union([notNegative, z.enum(['same', 'valid'])]).default(0),
  dilation: positive.default(1),
  groups: z.int().min(1).default(1),
});

function defineConv(rank: 1 | 2 | 3) {
  const op = `conv${rank}d`;
  const sizes = ['L', 'H, W', 'D, H, W'][rank - 1];
  return defineOp({
    ...convRules,
    name: op,
    doc:
      `Convolution (cross-correlation) of x [N, C, ${sizes}] with weight [O, C / groups, ...kernel]: ` +
      'y[n, o, q] = bias[o] + sum over c, k of x[n, c, q * stride + k * dilation - padding] * weight[o, c, k].',
    source: `https://pytorch.org/docs/stable/generated/torch.nn.functional.${op}.html`,
    inputs: ['x', 'weight', 'bias?'],
    outputs: ['y'],
    attrs,
    shape: (inputs, given) => ({ y: planConv(op, rank, inputs, given).shape }),
    lower: (tensors, given, k) => runForward(k, planConv(op, rank, tensors, given).geometry, tensors),
    backward(tensors, given, needs) {
      const { x, weight, dy } = tensors;
      const { geometry } = planConv(op, rank, tensors, given);
      const wanted = needs.weight || needs.bias;
      const bias = needs.bias && tensors.bias !== undefined;
      const gradients = wanted
        ? convBackwardWeight({ x, dy }, { geometry, shape: weight.shape, bias })
        : undefined;
      return {
        x: needs.x ? convBackwardInput({ dy, weight }, { geometry, shape: x.shape }).dx : undefined,
        weight: gradients?.dweight,
        bias: bias ? gradients?.dbias : undefined,
      };
    },
  });
}

/** 1d convolution: x [N, C, L] or [C, L], weight [O, C / groups, k], bias [O]. */
export const conv1d = defineConv(1);
/** 2d convolution: x [N, C, H, W] or [C, H, W], weight [O, C / groups, kh, kw], bias [O]. */
export const conv2d = defineConv(2);
/** 3d convolution: x [N, C, D, H, W] or [C, D, H, W], weight [O, C / groups, kd, kh, kw], bias [O]. */
export const conv3d = defineConv(3);
