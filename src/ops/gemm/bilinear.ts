/** bilinear: a form of two inputs for each output. */

import { sizeOf } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import { noAttrs, shapeError } from '../common';
import { add, mul } from '../elementwise';
import { permuted } from '../layout/permute';
import { sum, viewAs } from '../reduce/sum';
import { linearMultAdds } from '../rules';
import { batchedMatmul } from './batched-matmul';

export const bilinear = defineComposite({
  name: 'bilinear',
  multAdds: linearMultAdds('x1'),
  doc: 'A bilinear form per output: y[o] = x1^T weight[o] x2 + bias[o] over the last dims.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.bilinear.html',
  inputs: ['x1', 'x2', 'weight', 'bias?'],
  inputAliases: { input1: 'x1', input2: 'x2' },
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x1, x2, weight, bias }) {
    if (weight.rank !== 3) throw shapeError('bilinear', 'weight', weight, '[out, in1, in2]');
    const [outputs, in1, in2] = weight.shape;
    const batch = x1.shape.slice(0, -1);
    if (x1.rank === 0 || x1.shape.at(-1) !== in1) throw shapeError('bilinear', 'x1', x1, `[.., ${in1}]`);
    const expected = [...batch, in2];
    if (x2.shape.join() !== expected.join()) throw shapeError('bilinear', 'x2', x2, `[${expected}]`);
    if (bias && bias.shape.join() !== String(outputs))
      throw shapeError('bilinear', 'bias', bias, `[${outputs}]`);
    const rows = sizeOf(batch);
    // [out, rows, in2], then the inner products with x2, which has no output dimension.
    const left = batchedMatmul(viewAs(x1, [1, rows, in1]), weight, { op: 'bilinear' });
    const forms = sum(mul(left, viewAs(x2, [rows, in2])), { dim: -1 });
    const y = viewAs(permuted(forms, [1, 0]), [...batch, outputs]);
    return bias ? add(y, bias) : y;
  },
});
