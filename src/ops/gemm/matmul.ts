/** matmul and its special cases mm, bmm, dot and outer. */
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { noAttrs, shapeError } from '../common';
import { viewAs } from '../reduce/sum';
import { productMultAdds } from '../rules';
import { batchedMatmul, innerSizeError, type MatmulAttrs } from './batched-matmul';

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

/** x as a stack of matrices: a vector becomes a row (first operand) or a column (second). */
function asMatrix(x: Tensor, as: 'row' | 'column'): Tensor {
  if (x.rank > 1) return x;
  return viewAs(x, as === 'row' ? [1, x.size] : [x.size, 1]);
}

/** The two factors of PyTorch's matmul, of any rank from 1; a stack of matrices times one matrix is one product. */
export function multiply(
  x: Tensor,
  other: Tensor,
  attrs: MatmulAttrs,
  names: readonly [string, string] = ['x', 'other'],
) {
  const { op } = attrs;
  if (x.rank === 0) throw shapeError(op, names[0], x, 'at least one dimension', 'Use mul for numbers');
  if (other.rank === 0)
    throw shapeError(op, names[1], other, 'at least one dimension', 'Use mul for numbers');
  const transposeA = attrs.transposeA && x.rank > 1;
  const transposeB = attrs.transposeB && other.rank > 1;
  const a = asMatrix(x, 'row');
  const b = asMatrix(other, 'column');
  const inner = a.shape.at(transposeA ? -2 : -1)!;
  const innerB = b.shape.at(transposeB ? -1 : -2)!;
  if (inner !== innerB) {
    const fits = b.shape.at(transposeB ? -2 : -1) === inner ? 'transposeB' : undefined;
    const fix = op === 'matmul' && fits && other.rank > 1 ? `Did you mean ${fits}?` : undefined;
    throw innerSizeError(op, names, x.shape, other.shape, [inner, innerB], fix);
  }
  let y: Tensor;
  if (b.rank === 2 && a.rank > 2 && !transposeA) {
    const rows = viewAs(a, [sizeOf(a.shape.slice(0, -1)), inner]);
    const columns = b.shape[transposeB ? 0 : 1];
    y = viewAs(batchedMatmul(rows, b, { ...attrs, transposeA, transposeB }), [
      ...a.shape.slice(0, -1),
      columns,
    ]);
  } else y = batchedMatmul(a, b, { ...attrs, transposeA, transposeB });
  const shape: Shape = y.shape.filter(
    (_, d) => !(d === y.rank - 2 && x.rank === 1) && !(d === y.rank - 1 && other.rank === 1),
  );
  return viewAs(y, shape);
}

export const matmul = defineComposite({
  name: 'matmul',
  multAdds: productMultAdds('x'),
  doc: 'Matrix product over the last two dims, batches broadcast; vectors are rows on the left and columns on the right: y = x other.',
  source: source('matmul'),
  inputs: ['x', 'other'],
  outputs: ['y'],
  attrs: z.strictObject({ transposeA: z.boolean().default(false), transposeB: z.boolean().default(false) }),
  compose: ({ x, other }, attrs) => multiply(x, other, { op: 'matmul', ...attrs }),
});

/** Checks the ranks of both factors. */
function requireRank(op: string, rank: number, factors: Record<string, Tensor>): void {
  for (const [name, x] of Object.entries(factors)) {
    if (x.rank !== rank)
      throw shapeError(op, name, x, `${rank} dimension${rank > 1 ? 's' : ''}`, 'matmul takes other ranks');
  }
}

export const mm = defineComposite({
  name: 'mm',
  multAdds: productMultAdds('x'),
  doc: 'Product of two matrices: y = x other.',
  source: source('mm'),
  inputs: ['x', 'other'],
  inputAliases: { mat2: 'other' },
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, other }) {
    requireRank('mm', 2, { x, other });
    return multiply(x, other, { op: 'mm' });
  },
});

export const bmm = defineComposite({
  name: 'bmm',
  multAdds: productMultAdds('x'),
  doc: 'Products of two stacks of matrices: y[b] = x[b] other[b].',
  source: source('bmm'),
  inputs: ['x', 'other'],
  inputAliases: { mat2: 'other' },
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, other }) {
    requireRank('bmm', 3, { x, other });
    if (x.shape[0] !== other.shape[0])
      throw shapeError('bmm', 'other', other, `a batch of ${x.shape[0]}, as x has`);
    return multiply(x, other, { op: 'bmm' });
  },
});

export const dot = defineComposite({
  name: 'dot',
  multAdds: ({ x }) => x.size,
  doc: 'Inner product of two vectors: y = sum(x * other).',
  source: source('dot'),
  inputs: ['x', 'other'],
  inputAliases: { tensor: 'other' },
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, other }) {
    requireRank('dot', 1, { x, other });
    return multiply(x, other, { op: 'dot' });
  },
});

export const outer = defineComposite({
  name: 'outer',
  aliases: ['ger'],
  doc: 'Outer product of two vectors: y[i, j] = x[i] * other[j].',
  source: source('outer'),
  inputs: ['x', 'other'],
  inputAliases: { vec2: 'other' },
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, other }) {
    requireRank('outer', 1, { x, other });
    return batchedMatmul(viewAs(x, [x.size, 1]), viewAs(other, [1, other.size]), { op: 'outer' });
  },
});
