/** Tensors put together from several: Kronecker and Cartesian products, blocks along a diagonal, stacks. */
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import { noAttrs, shapeError, stridesOf } from '../common';
import { mul } from '../elementwise';
import { viewAs } from '../reduce/sum';
import { source } from './attrs';
import { cat, stack } from './cat';
import { expanded } from './repeat';
import { join } from './strided';

/** Shapes of one rank: those of lower rank get leading ones. */
const ofRank = (x: Tensor, rank: number): number[] => [
  ...new Array<number>(rank - x.rank).fill(1),
  ...x.shape,
];

/** Kronecker product. */
export const kron = defineComposite({
  name: 'kron',
  doc: 'y[i * n + j] = x[i] * other[j] along every dim, n the size of other there: blocks of other, each times an element of x.',
  source: source('kron'),
  inputs: ['x', 'other'],
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, other }) {
    const rank = Math.max(x.rank, other.rank);
    const [a, b] = [ofRank(x, rank), ofRank(other, rank)];
    const left = viewAs(
      x,
      a.flatMap((n) => [n, 1]),
    );
    const right = viewAs(
      other,
      b.flatMap((n) => [1, n]),
    );
    return viewAs(
      mul(left, right),
      a.map((n, d) => n * b[d]),
    );
  },
});

/** All tuples. */
export const cartesianProd = defineComposite({
  name: 'cartesianProd',
  exact: true,
  doc: 'All tuples of an element of each vector, one per row, the last vector first to change; a single vector as it is.',
  source: source('cartesian_prod'),
  inputs: ['...tensors'],
  dtypes: { tensors: 'any' },
  outputs: ['y'],
  attrs: noAttrs,
  compose({ tensors }) {
    const wrong = tensors.find(({ rank }) => rank !== 1);
    if (wrong) throw shapeError('cartesianProd', 'tensors', wrong, 'one dimension');
    if (tensors.length === 1) return tensors[0];
    const shape = tensors.map(({ size }) => size);
    const total = shape.reduce((a, b) => a * b, 1);
    const columns = tensors.map((x, i) =>
      viewAs(
        expanded(
          viewAs(
            x,
            shape.map((n, d) => (d === i ? n : 1)),
          ),
          shape,
        ),
        [total],
      ),
    );
    return stack(columns, { dim: 1 });
  },
});

/** Matrices along a diagonal. */
export const blockDiag = defineComposite({
  name: 'blockDiag',
  exact: true,
  doc: 'The matrices one after another along the diagonal, 0 elsewhere; a vector is a row, a tensor without dimensions one element.',
  source: source('block_diag'),
  inputs: ['...tensors'],
  outputs: ['y'],
  attrs: noAttrs,
  compose({ tensors }) {
    const wrong = tensors.find(({ rank }) => rank > 2);
    if (wrong) throw shapeError('blockDiag', 'tensors', wrong, 'at most two dimensions');
    const parts = tensors.map((x) => viewAs(x, ofRank(x, 2)));
    const sum = (dim: number) => parts.reduce((total, { shape }) => total + shape[dim], 0);
    const shape = [sum(0), sum(1)];
    const strides = stridesOf(shape);
    let [row, column] = [0, 0];
    const views = parts.map((part) => {
      const view = { shape: part.shape, offset: row * strides[0] + column, strides };
      row += part.shape[0];
      column += part.shape[1];
      return view;
    });
    return join(parts, shape, views);
  },
});

/** Vectors as columns, and tensors side by side. */
export const columnStack = defineComposite({
  name: 'columnStack',
  exact: true,
  doc: 'cat along dimension 1, where vectors are columns.',
  source: source('column_stack'),
  inputs: ['...tensors'],
  dtypes: { tensors: 'any' },
  outputs: ['y'],
  attrs: noAttrs,
  compose: ({ tensors }) =>
    cat(
      tensors.map((x) => (x.rank < 2 ? viewAs(x, [x.size, 1]) : x)),
      { dim: 1 },
    ),
});

/** Tensors behind each other. */
export const dstack = defineComposite({
  name: 'dstack',
  exact: true,
  doc: 'cat along dimension 2, where vectors are [1, n, 1] and matrices [m, n, 1].',
  source: source('dstack'),
  inputs: ['...tensors'],
  dtypes: { tensors: 'any' },
  outputs: ['y'],
  attrs: noAttrs,
  compose: ({ tensors }) =>
    cat(
      tensors.map((x) =>
        x.rank < 2 ? viewAs(x, [1, x.size, 1]) : x.rank === 2 ? viewAs(x, [...x.shape, 1]) : x,
      ),
      { dim: 2 },
    ),
});
