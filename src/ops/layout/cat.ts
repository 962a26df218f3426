/** Ops that put tensors together: cat and stack. */
import { formatShape, GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, shapeError, stridesOf } from '../common';
import { viewAs } from '../reduce/sum';
import { source, withEntry } from './attrs';
import { join } from './strided';

const isVoid = ({ shape }: Tensor) => shape.length === 1 && shape[0] === 0;

/** The tensors one after another along dimension d; all sizes but that one are equal. */
function concatenated(op: string, tensors: readonly Tensor[], d: number): Tensor {
  const [first] = tensors;
  tensors.forEach((tensor, i) => {
    const fits =
      tensor.rank === first.rank && tensor.shape.every((n, at) => at === d || n === first.shape[at]);
    if (!fits) {
      throw new GradloomError({
        code: 'shape',
        op,
        argument: `tensors[${i}]`,
        got: formatShape(tensor.shape),
        expected: `the shape of the first, ${formatShape(first.shape)}${op === 'cat' ? `, except in dimension ${d}` : ''}`,
      });
    }
    if ((tensor.dtype === 'i32') !== (first.dtype === 'i32')) {
      throw new GradloomError({
        code: 'dtype',
        op,
        argument: `tensors[${i}]`,
        got: tensor.dtype,
        expected: first.dtype,
      });
    }
  });
  const shape = withEntry(
    first.shape,
    d,
    tensors.reduce((sum, tensor) => sum + tensor.shape[d], 0),
  );
  const strides = stridesOf(shape);
  let start = 0;
  const views = tensors.map((tensor) => {
    const view = { shape: tensor.shape, offset: start * strides[d], strides };
    start += tensor.shape[d];
    return view;
  });
  return join(tensors, shape, views);
}

function requireTensors(op: string, tensors: readonly Tensor[]): void {
  if (tensors.length > 0) return;
  throw new GradloomError({
    code: 'argument',
    op,
    argument: 'tensors',
    got: 'an empty list',
    expected: 'at least one tensor',
  });
}

/** Tensors one after another. */
export const cat = defineComposite({
  name: 'cat',
  exact: true,
  aliases: ['concat', 'concatenate'],
  doc: 'The tensors one after another along `dim`; the other sizes must be equal. Tensors of shape [0] are skipped.',
  source: source('cat'),
  inputs: ['...tensors'],
  dtypes: { tensors: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int().default(0) }),
  compose({ tensors }, { dim }) {
    requireTensors('cat', tensors);
    const parts = tensors.some((tensor) => !isVoid(tensor))
      ? tensors.filter((tensor) => !isVoid(tensor))
      : [tensors[0]];
    if (parts[0].rank === 0)
      throw shapeError('cat', 'tensors', parts[0], 'at least one dimension', 'Use stack for 0-d tensors');
    return concatenated('cat', parts, normalizeDim('cat', dim, parts[0].rank));
  },
});

/** Tensors of one shape along a new dimension. */
export const stack = defineComposite({
  name: 'stack',
  exact: true,
  doc: 'The tensors, all of one shape, along a new dimension `dim`.',
  source: source('stack'),
  inputs: ['...tensors'],
  dtypes: { tensors: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int().default(0) }),
  compose({ tensors }, { dim }) {
    requireTensors('stack', tensors);
    const d = normalizeDim('stack', dim, tensors[0].rank + 1);
    const wide = tensors.map((tensor) => {
      if (tensor.shape.join() !== tensors[0].shape.join()) {
        throw shapeError(
          'stack',
          'tensors',
          tensor,
          `the shape of the first, ${formatShape(tensors[0].shape)}`,
        );
      }
      return viewAs(tensor, [...tensor.shape.slice(0, d), 1, ...tensor.shape.slice(d)]);
    });
    return concatenated('stack', wide, d);
  },
});
