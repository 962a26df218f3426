/** linear and the products that are added to something: addmm, baddbmm, bilinear. */
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { broadcastShapes, noAttrs, shapeError } from '../common';
import { viewAs } from '../reduce/sum';
import { linearMultAdds, productMultAdds } from '../rules';
import { batchedMatmul, innerSizeError } from './batched-matmul';

export const linear = defineComposite({
  name: 'linear',
  multAdds: linearMultAdds('x'),
  doc: 'Fully connected layer over the last dim: y = x weight^T + bias. A weight [in] gives one output without a dim.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html',
  inputs: ['x', 'weight', 'bias?'],
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, weight: given, bias }) {
    if (given.rank !== 1 && given.rank !== 2)
      throw shapeError('linear', 'weight', given, '[out, in] or [in]');
    const weight = given.rank === 1 ? viewAs(given, [1, given.size]) : given;
    const [outputs, inputs] = weight.shape;
    if (x.rank === 0 || x.shape.at(-1) !== inputs) {
      const fix = x.shape.at(-1) === outputs ? 'The weight is stored [out, in], as in PyTorch' : undefined;
      throw shapeError('linear', 'x', x, `[.., ${inputs}] for a weight [${weight.shape}]`, fix);
    }
    const biasShape = given.rank === 1 ? [] : [outputs];
    if (bias && bias.shape.join() !== biasShape.join()) {
      throw shapeError('linear', 'bias', bias, `[${biasShape}] for a weight [${given.shape}]`);
    }
    const batch = x.shape.slice(0, -1);
    const y = batchedMatmul(
      viewAs(x, [sizeOf(batch), inputs]),
      weight,
      { op: 'linear', transposeB: true },
      bias,
    );
    return viewAs(y, [...batch, ...biasShape]);
  },
});

const scales = z.strictObject({ beta: z.number().default(1), alpha: z.number().default(1) });

/** beta * x + alpha * a b with x of a shape that broadcasts to the product. */
function addProduct(
  op: string,
  x: Tensor,
  a: Tensor,
  b: Tensor,
  names: readonly [string, string],
  { alpha, beta }: z.output<typeof scales>,
): Tensor {
  const rank = op === 'addmm' ? 2 : 3;
  [a, b].forEach((factor, i) => {
    if (factor.rank !== rank) throw shapeError(op, names[i], factor, `${rank} dimensions`);
  });
  const [inner, innerB] = [a.shape.at(-1)!, b.shape.at(-2)!];
  if (inner !== innerB) throw innerSizeError(op, names, a.shape, b.shape, [inner, innerB]);
  if (rank === 3 && a.shape[0] !== b.shape[0]) {
    throw shapeError(op, names[1], b, `a batch of ${a.shape[0]}, as ${names[0]} has`);
  }
  const shape = [...a.shape.slice(0, -1), b.shape.at(-1)!];
  const fits = broadcastShapes(op, x.shape, shape, ['x', 'the product']).join() === shape.join();
  if (!fits) throw shapeError(op, 'x', x, `a shape that broadcasts to [${shape}]`);
  return batchedMatmul(a, b, { op, alpha, beta }, x);
}

export const addmm = defineComposite({
  name: 'addmm',
  multAdds: productMultAdds('mat1'),
  doc: 'A matrix product added to x, which broadcasts: y = beta * x + alpha * mat1 mat2.',
  source: 'https://pytorch.org/docs/stable/generated/torch.addmm.html',
  inputs: ['x', 'mat1', 'mat2'],
  outputs: ['y'],
  attrs: scales,
  compose: ({ x, mat1, mat2 }, attrs) => addProduct('addmm', x, mat1, mat2, ['mat1', 'mat2'], attrs),
});

export const baddbmm = defineComposite({
  name: 'baddbmm',
  multAdds: productMultAdds('batch1'),
  doc: 'Products of stacks of matrices added to x, which broadcasts: y[b] = beta * x[b] + alpha * batch1[b] batch2[b].',
  source: 'https://pytorch.org/docs/stable/generated/torch.baddbmm.html',
  inputs: ['x', 'batch1', 'batch2'],
  outputs: ['y'],
  attrs: scales,
  compose: ({ x, batch1, batch2 }, attrs) =>
    addProduct('baddbmm', x, batch1, batch2, ['batch1', 'batch2'], attrs),
});
