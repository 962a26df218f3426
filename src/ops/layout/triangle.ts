/** The triangles of matrices: triu and tril. */
import triangleForward from '../../../shaders/layout/triangle.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal } from '../../graph/ir/op';
import * as z from '../../schema';
import { elementThreads, shapeError } from '../common';
import { source } from './attrs';

interface Triangle {
  diagonal: number;
  upper: boolean;
}

const triangleOp = defineInternal({
  name: 'triangle',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }, _: Triangle) => ({ y: { shape: x.shape, dtype: x.dtype } }),
  fusion: { accumulates: ['y'] },
  lower({ x, y }, triangle, k) {
    const [rows, columns] = x.shape.slice(-2);
    const params = { n: x.size, rows, columns, ...triangle, accumulate: k.accumulate('y') };
    k.dispatch(triangleForward, { x }, { y }, params, elementThreads(x.size, k.device));
  },
  backward: ({ dy }, attrs): { x: Tensor } => ({ x: triangle(dy, attrs) }),
});

const triangle = (x: Tensor, attrs: Triangle): Tensor => triangleOp({ x }, attrs).y;

function defineTriangle(name: 'triu' | 'tril', doc: string) {
  return defineComposite({
    name,
    exact: true,
    doc,
    source: source(name),
    inputs: ['x'],
    dtypes: { x: 'any' },
    outputs: ['y'],
    attrs: z.strictObject({ diagonal: z.int().default(0) }),
    compose({ x }, { diagonal }) {
      if (x.rank < 2) throw shapeError(name, 'x', x, 'at least two dimensions');
      return triangle(x, { diagonal, upper: name === 'triu' });
    },
  });
}

/** The upper triangle. */
export const triu = defineTriangle(
  'triu',
  'The elements of the last two dimensions with column - row >= diagonal; 0 below.',
);

/** The lower triangle. */
export const tril = defineTriangle(
  'tril',
  'The elements of the last two dimensions with column - row <= diagonal; 0 above.',
);
