/** convTranspose1d, 2d and 3d: the input gradient of a convolution as an op, with the kernels of that. */
import { defineOp } from '../../graph/ir/op';
import * as z from '../../schema';
import { convTransposeRules } from '../rules';
import { notNegative, positive } from '../spatial';
import { planConvTranspose } from './geometry';
import { convBackwardWeight, convForward, runBackwardInput, sumChannels } from './kernels';

const attrs = z.strictObject({
  stride: positive.default(1),
  padding: notNegative.default(0),
  outputPadding: notNegative.default(0),
  groups: z.int().min(1).default(1),
  dilation: positive.default(1),
});

function defineConvTranspose(rank: 1 | 2 | 3) {
  const op = `convTranspose${rank}d`;
  const sizes = ['L', 'H, W', 'D, H, W'][rank - 1];
  return defineOp({
    ...convTransposeRules,
    name: op,
    doc:
      `Transposed convolution of x [N, C, ${sizes}] with weight [C, O / groups, ...kernel]: ` +
      'y[n, o, i] = bias[o] + sum over c, k, q with i = q * stride + k * dilation - padding of x[n, c, q] * weight[c, o, k].',
    source: `https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose${rank}d.html`,
    inputs: ['x', 'weight', 'bias?'],
    outputs: ['y'],
    attrs,
    shape: (inputs, given) => ({ y: planConvTranspose(op, rank, inputs, given).shape }),
    lower(tensors, given, k) {
      const { x, weight, bias, y } = tensors;
      const { geometry } = planConvTranspose(op, rank, tensors, given);
      runBackwardInput(k, geometry, { dy: x, weight, bias, dx: y }, 'y');
    },
    backward(tensors, given, needs) {
      const { x, weight, dy } = tensors;
      const { geometry } = planConvTranspose(op, rank, tensors, given);
      const forWeight = { geometry, shape: weight.shape, bias: false };
      return {
        x: needs.x ? convForward({ x: dy, weight }, { geometry, shape: x.shape }).y : undefined,
        weight: needs.weight ? convBackwardWeight({ x: dy, dy: x }, forWeight).dweight : undefined,
        bias: needs.bias && tensors.bias ? sumChannels(dy, rank) : undefined,
      };
    },
  });
}

/** Transposed 1d convolution: x [N, C, L] or [C, L], weight [C, O / groups, k], bias [O]. */
export const convTranspose1d = defineConvTranspose(1);
/** Transposed 2d convolution: x [N, C, H, W] or [C, H, W], weight [C, O / groups, kh, kw], bias [O]. */
export const convTranspose2d = defineConvTranspose(2);
/** Transposed 3d convolution: x [N, C, D, H, W] or [C, D, H, W], weight [C, O / groups, kd, kh, kw], bias [O]. */
export const convTranspose3d = defineConvTranspose(3);
