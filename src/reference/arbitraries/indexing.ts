/** Random cases of the ops that read or write at positions: repeated indices, indices smaller than the tensor. */
import fc from 'fast-check';
import type { InputSpec, OpCase } from '../types';
import {
  type Arbitraries,
  anyDim,
  broadcastShapes,
  casesOf,
  count,
  dimOf,
  indexOf,
  indices,
  oneOf,
  product,
  shapes,
  size,
} from './common';

const sized = shapes({ min: 1, max: 4 });
const five = fc.array(count(9), { minLength: 5, maxLength: 5 });

/** The shape of an index: any length along `axis`, at most the size of the tensor along the other dims. */
const indexShape = (shape: number[], axis: number, length: number, smaller: number[]) =>
  shape.map((n, d) => (d === axis ? length : Math.min(n, smaller[d] > 6 ? smaller[d] - 6 : n)));

const gather = casesOf(
  { shape: shapes({ max: 4 }), dim: anyDim, length: size(30), smaller: five },
  ({ shape, dim, length, smaller }): OpCase => {
    const axis = indexOf(dim, shape.length);
    const index = indices(shape[axis] ?? 1, indexShape(shape, axis, length, smaller));
    return { attrs: { dim: dimOf(dim, shape.length) }, inputs: { x: shape, index } };
  },
);

const scatterAdd = casesOf(
  { shape: sized, dim: anyDim, length: size(30), smaller: five, spare: fc.nat(2) },
  ({ shape, dim, length, smaller, spare }): OpCase => {
    const axis = indexOf(dim, shape.length);
    const index = indexShape(shape, axis, length, smaller);
    return {
      attrs: { dim: dimOf(dim, shape.length) },
      inputs: { x: shape, index: indices(shape[axis], index), src: index.map((n) => n + spare) },
    };
  },
);

/** No position of a line is written twice: the order of writing would matter. */
const scatter = casesOf(
  { shape: sized, dim: anyDim, share: fc.nat(), smaller: five, shift: fc.nat(50) },
  ({ shape, dim, share, smaller, shift }): OpCase => {
    const axis = indexOf(dim, shape.length);
    const n = shape[axis];
    const index = indexShape(shape, axis, 1 + (share % n), smaller);
    const inner = product(index.slice(axis + 1));
    // Each line is walked from a place of its own, around the end.
    const values = Array.from({ length: product(index) }, (_, i) => {
      const along = Math.floor(i / inner) % index[axis];
      const line = Math.floor(i / (inner * index[axis])) * inner + (i % inner);
      return (along + shift * (line + 1)) % n;
    });
    return {
      attrs: { dim: dimOf(dim, shape.length) },
      inputs: { x: shape, index: { shape: index, dtype: 'i32', values }, src: index },
    };
  },
);

const indexAdd = casesOf(
  { shape: sized, dim: anyDim, length: size(30), alpha: oneOf(1, -0.5, 2) },
  ({ shape, dim, length, alpha }): OpCase => {
    const axis = indexOf(dim, shape.length);
    const source = shape.map((n, d) => (d === axis ? length : n));
    return {
      attrs: { dim: dimOf(dim, shape.length), alpha },
      inputs: { x: shape, index: indices(shape[axis], [length]), source },
    };
  },
);

const indexSelect = casesOf(
  { shape: sized, dim: anyDim, length: size(30) },
  ({ shape, dim, length }): OpCase => ({
    attrs: { dim: dimOf(dim, shape.length) },
    inputs: { x: shape, index: indices(shape[indexOf(dim, shape.length)], [length]) },
  }),
);

/** Indices of which none repeats: those of `indices` that come first in a rotation of all. */
const indexCopy = casesOf(
  { shape: sized, dim: anyDim, share: fc.nat(), shift: fc.nat(50) },
  ({ shape, dim, share, shift }): OpCase => {
    const n = shape[indexOf(dim, shape.length)];
    const length = 1 + (share % n);
    const values = Array.from({ length }, (_, i) => (i + shift) % n);
    return {
      attrs: { dim: dimOf(dim, shape.length) },
      inputs: {
        x: shape,
        index: { shape: [length], dtype: 'i32', values },
        source: shape.map((size, d) => (d === indexOf(dim, shape.length) ? length : size)),
      },
    };
  },
);

const indexFill = casesOf(
  { shape: sized, dim: anyDim, length: size(30), value: oneOf(0, -1.5, 3) },
  ({ shape, dim, length, value }): OpCase => ({
    attrs: { dim: dimOf(dim, shape.length), value },
    inputs: { x: shape, index: indices(shape[indexOf(dim, shape.length)], [length]) },
  }),
);

const take = casesOf(
  { shape: sized, index: shapes({ max: 3, most: 60 }) },
  ({ shape, index }): OpCase => ({ inputs: { x: shape, index: indices(product(shape), index) } }),
);

const takeAlongDim = casesOf(
  {
    shape: sized,
    dim: anyDim,
    length: size(30),
    ones: fc.array(oneOf('none', 'x', 'index'), { minLength: 4, maxLength: 4 }),
    all: fc.boolean(),
  },
  ({ shape, dim, length, ones, all }): OpCase => {
    if (all) return { inputs: { x: shape, index: indices(product(shape), [length]) } };
    const axis = indexOf(dim, shape.length);
    const x = shape.map((n, d) => (d !== axis && ones[d] === 'x' ? 1 : n));
    const index = shape.map((n, d) => (d === axis ? length : ones[d] === 'index' ? 1 : n));
    return { attrs: { dim: dimOf(dim, shape.length) }, inputs: { x, index: indices(shape[axis], index) } };
  },
);

const oneHot = casesOf(
  { shape: shapes({ max: 3, most: 40, empty: true }), numClasses: size(70) },
  ({ shape, numClasses }): OpCase => ({
    attrs: { numClasses },
    inputs: { x: indices(numClasses, shape) },
    gradient: false,
  }),
);

const maskedFill = casesOf(
  { pair: broadcastShapes(2), value: oneOf(0, -1.5, 3) },
  ({ pair: [x, mask], value }): OpCase => ({
    attrs: { value },
    inputs: { x, mask: { shape: mask, dtype: 'bool' } },
  }),
);

/** With `paddingIdx` differences do not see that its row has no gradient: it is a row that no index names. */
const embedding = casesOf(
  {
    shape: shapes({ max: 3, most: 80, empty: true }),
    rows: size(70),
    width: size(20),
    padding: oneOf('none', 'none', 'last', 'end'),
  },
  ({ shape, rows, width, padding }): OpCase => {
    const x: InputSpec = indices(rows, shape);
    if (padding === 'none') return { inputs: { x, weight: [rows, width] } };
    const paddingIdx = padding === 'last' ? rows : -1;
    return { attrs: { paddingIdx }, inputs: { x, weight: [rows + 1, width] } };
  },
);

/** Random cases of this family. */
export const indexing: Arbitraries = {
  gather,
  scatterAdd,
  scatter,
  indexAdd,
  indexSelect,
  indexCopy,
  indexFill,
  take,
  takeAlongDim,
  oneHot,
  maskedFill,
  embedding,
};
