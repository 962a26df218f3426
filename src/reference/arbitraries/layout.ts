/** Random cases of the ops that move elements: reshape, permute, slice, pad, cat and the like. */
import fc from 'fast-check';
import type { OpCase } from '../types';
import {
  type Arbitraries,
  anyDim,
  anyOrder,
  casesOf,
  count,
  dimOf,
  indexOf,
  limited,
  oneOf,
  orderOf,
  product,
  shapes,
} from './common';

const five = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 5, maxLength: 5 });
const signs = five(fc.boolean());
const some = shapes({ empty: true });
const ranked = shapes({ min: 1, empty: true });
/** No dim of size 0, for ops that pick a position. */
const filled = shapes({ min: 1 });
/** A dim, from either end. */
const signed = (d: number, rank: number, negative: boolean) => (negative ? d - rank : d);

/** Merges neighbouring dims, adds ones, and leaves one size to be computed. */
const reshape = casesOf(
  { shape: some, merge: five(fc.boolean()), ones: five(oneOf(false, false, true)), open: fc.nat(9) },
  ({ shape, merge, ones, open }): OpCase => {
    const sizes: number[] = [];
    shape.forEach((n, d) => {
      if (ones[d]) sizes.push(1);
      if (d > 0 && merge[d] && sizes.length > 0) sizes[sizes.length - 1] *= n;
      else sizes.push(n);
    });
    // With no elements -1 could be anything.
    if (open < sizes.length && product(shape) > 0) sizes[open] = -1;
    return { attrs: { shape: sizes }, inputs: { x: shape } };
  },
);

const flatten = casesOf({ shape: some, from: anyDim, to: anyDim }, ({ shape, from, to }): OpCase => {
  const rank = shape.length;
  const [start, end] = [from, to].sort((a, b) => indexOf(a, rank) - indexOf(b, rank));
  return { attrs: { startDim: dimOf(start, rank), endDim: dimOf(end, rank) }, inputs: { x: shape } };
});

const unflatten = casesOf(
  {
    shape: shapes({ min: 1, max: 3 }),
    dim: anyDim,
    factors: fc.array(count(4), { minLength: 1, maxLength: 3 }),
  },
  ({ shape, dim, factors }): OpCase => {
    const axis = indexOf(dim, shape.length);
    return {
      attrs: { dim: dimOf(dim, shape.length), sizes: factors.map((n, i) => (i === 0 ? -1 : n)) },
      inputs: { x: shape.map((n, d) => (d === axis ? n * product(factors.slice(1)) : n)) },
    };
  },
);

const permute = casesOf(
  { shape: shapes({ empty: true, most: 1500 }), order: anyOrder, negative: signs },
  ({ shape, order, negative }): OpCase => ({
    attrs: { dims: orderOf(order, shape.length).map((d, i) => signed(d, shape.length, negative[i])) },
    inputs: { x: shape },
  }),
);

const transpose = casesOf(
  { shape: shapes({ min: 1, empty: true, most: 1500 }), a: anyDim, b: anyDim },
  ({ shape, a, b }): OpCase => ({
    attrs: { dim0: dimOf(a, shape.length), dim1: dimOf(b, shape.length) },
    inputs: { x: shape },
  }),
);

/** Some dims become 1 and are named, all of them are, or none is. */
const squeeze = casesOf(
  {
    shape: ranked,
    ones: five(fc.boolean()),
    named: oneOf('all', 'one', 'several'),
    dim: anyDim,
    negative: signs,
  },
  ({ shape, ones, named, dim, negative }): OpCase => {
    const x = shape.map((n, d) => (ones[d] ? 1 : n));
    if (named === 'all') return { inputs: { x } };
    if (named === 'one') return { attrs: { dim: dimOf(dim, x.length) }, inputs: { x } };
    const dims = x.flatMap((_, d) => (ones[4 - d] ? [signed(d, x.length, negative[d])] : []));
    return { attrs: { dim: dims }, inputs: { x } };
  },
);

const unsqueeze = casesOf(
  { shape: shapes({ max: 4, empty: true }), dim: anyDim },
  ({ shape, dim }): OpCase => ({ attrs: { dim: dimOf(dim, shape.length + 1) }, inputs: { x: shape } }),
);

const movedim = casesOf(
  { shape: ranked, source: anyOrder, destination: anyOrder, length: fc.nat(4), number: fc.boolean() },
  ({ shape, source, destination, length, number }): OpCase => {
    const some = (order: number[]) => orderOf(order, shape.length).slice(0, 1 + (length % shape.length));
    const [from, to] = [some(source), some(destination)];
    return {
      attrs: number ? { source: from[0], destination: to[0] } : { source: from, destination: to },
      inputs: { x: shape },
    };
  },
);

const cat = casesOf(
  { shape: filled, dim: anyDim, sizes: fc.array(fc.nat(5), { minLength: 1, maxLength: 11 }) },
  ({ shape, dim, sizes }): OpCase => {
    const axis = indexOf(dim, shape.length);
    const tensors = sizes.map((size) => limited(shape, 60).map((n, d) => (d === axis ? size : n)));
    return { attrs: { dim: dimOf(dim, shape.length) }, inputs: { tensors } };
  },
);

const stack = casesOf(
  { shape: shapes({ max: 4, most: 60, empty: true }), dim: anyDim, tensors: count(10) },
  ({ shape, dim, tensors }): OpCase => ({
    attrs: { dim: dimOf(dim, shape.length + 1) },
    inputs: { tensors: Array.from({ length: tensors }, () => shape) },
  }),
);

const split = casesOf(
  {
    shape: filled,
    dim: anyDim,
    pieces: fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
    bySize: count(5),
  },
  ({ shape, dim, pieces, bySize }): OpCase => {
    const axis = indexOf(dim, shape.length);
    const total = pieces.reduce((a, b) => a + b, 0);
    const attrs = { dim: dimOf(dim, shape.length) };
    if (total === 0) return { attrs: { ...attrs, splitSizeOrSections: bySize }, inputs: { x: shape } };
    const x = shape.map((n, d) => (d === axis ? total : n));
    return { attrs: { ...attrs, splitSizeOrSections: pieces }, inputs: { x } };
  },
);

const chunk = casesOf(
  { shape: filled, dim: anyDim, chunks: count(6) },
  ({ shape, dim, chunks }): OpCase => ({
    attrs: { chunks, dim: dimOf(dim, shape.length) },
    inputs: { x: shape },
  }),
);

const narrow = casesOf(
  { shape: filled, dim: anyDim, from: fc.nat(), length: fc.nat(), negative: fc.boolean() },
  ({ shape, dim, from, length, negative }): OpCase => {
    const n = shape[indexOf(dim, shape.length)];
    const start = from % n;
    return {
      attrs: {
        dim: dimOf(dim, shape.length),
        start: signed(start, n, negative),
        length: length % (n - start + 1),
      },
      inputs: { x: shape },
    };
  },
);

const select = casesOf(
  { shape: filled, dim: anyDim, at: fc.nat(), negative: fc.boolean() },
  ({ shape, dim, at, negative }): OpCase => {
    const n = shape[indexOf(dim, shape.length)];
    return {
      attrs: { dim: dimOf(dim, shape.length), index: signed(at % n, n, negative) },
      inputs: { x: shape },
    };
  },
);

/** Bounds may lie beyond the ends and cross; steps may be longer than the dim. */
const bound = oneOf<number | null>(null, null, 0, 1, 2, 5, -1, -2, -4, 100, -100);
const slice = casesOf(
  {
    shape: ranked,
    dims: anyOrder,
    length: fc.nat(4),
    start: five(bound),
    end: five(bound),
    step: five(count(4)),
  },
  ({ shape, dims, length, start, end, step }): OpCase => {
    const dim = orderOf(dims, shape.length).slice(0, 1 + (length % shape.length));
    const first = <T>(list: T[]) => list.slice(0, dim.length);
    return { attrs: { dim, start: first(start), end: first(end), step: first(step) }, inputs: { x: shape } };
  },
);

const ends = fc.array(fc.tuple(fc.integer({ min: -2, max: 3 }), fc.integer({ min: -2, max: 3 })), {
  minLength: 1,
  maxLength: 4,
});
/** With a value on any dims, also cropping; by copies on the last dims, as far as each mode goes. */
const pad = casesOf(
  {
    shape: shapes({ min: 2, most: 60 }),
    ends,
    mode: oneOf('constant', 'reflect', 'replicate', 'circular'),
    value: oneOf(0, 1.5),
  },
  ({ shape, ends, mode, value }): OpCase => {
    const rank = shape.length;
    if (mode === 'constant') {
      const used = ends.slice(0, rank);
      // Dims large enough for what is cropped; the last dim comes first in `pad`.
      const cropped = used.map((pair) => pair.reduce((sum, p) => sum + Math.max(0, -p), 0));
      const x = shape.map((n, d) => n + (cropped[rank - 1 - d] ?? 0));
      return { attrs: { pad: used.flat(), value }, inputs: { x } };
    }
    // Copies are made on all dims but one or two, as torch demands.
    const spatial = Math.min(rank - 1, 3);
    const x = rank > 4 ? shape : [1, ...shape].slice(-(spatial + 2));
    const used = Array.from({ length: spatial }, (_, i) => ends[i % ends.length]);
    const limit = (n: number) => (mode === 'reflect' ? n - 1 : mode === 'circular' ? n : 3);
    const pad = used.flatMap((pair, i) =>
      pair.map((p) => Math.min(Math.max(0, p), limit(x[x.length - 1 - i]))),
    );
    return { attrs: { pad, mode }, inputs: { x } };
  },
);

/** The dims of size 1 grow, new ones come before them, the others stay (by their size or as -1). */
const expand = casesOf(
  {
    shape: shapes({ max: 4, most: 60 }),
    ones: five(fc.boolean()),
    to: five(fc.nat(4)),
    kept: five(fc.boolean()),
    leading: fc.array(count(3), { maxLength: 1 }),
  },
  ({ shape, ones, to, kept, leading }): OpCase => {
    const x = shape.map((n, d) => (ones[d] ? 1 : n));
    const sizes = x.map((n, d) => (n === 1 && !kept[d] ? to[d] : kept[d] ? -1 : n));
    return { attrs: { size: [...leading, ...sizes] }, inputs: { x } };
  },
);

const counts = fc.array(fc.nat(3), { minLength: 1, maxLength: 5 });
const tile = casesOf(
  { shape: shapes({ most: 40 }), dims: counts },
  ({ shape, dims }): OpCase => ({ attrs: { dims: dims.slice(0, 4) }, inputs: { x: shape } }),
);

const repeat = casesOf(
  {
    shape: shapes({ max: 4, most: 40 }),
    leading: fc.array(count(3), { maxLength: 1 }),
    sizes: five(fc.nat(3)),
  },
  ({ shape, leading, sizes }): OpCase => ({
    attrs: { sizes: [...leading, ...sizes.slice(0, shape.length)] },
    inputs: { x: shape },
  }),
);

const repeatInterleave = casesOf(
  {
    shape: filled,
    dim: anyDim,
    repeats: fc.nat(4),
    list: fc.array(fc.nat(3), { minLength: 300, maxLength: 300 }),
    kind: oneOf('number', 'list', 'all', 'all by a list'),
  },
  ({ shape, dim, repeats, list, kind }): OpCase => {
    const all = kind.startsWith('all');
    const n = all ? shape.reduce((a, b) => a * b, 1) : shape[indexOf(dim, shape.length)];
    const counts = kind.endsWith('list') ? list.slice(0, n) : repeats;
    return {
      attrs: all ? { repeats: counts } : { repeats: counts, dim: dimOf(dim, shape.length) },
      inputs: { x: shape },
    };
  },
);

const flip = casesOf(
  { shape: some, order: anyOrder, length: fc.nat(5), negative: signs },
  ({ shape, order, length, negative }): OpCase => ({
    attrs: {
      dims: orderOf(order, shape.length)
        .slice(0, length)
        .map((d, i) => signed(d, shape.length, negative[i])),
    },
    inputs: { x: shape },
  }),
);

const roll = casesOf(
  {
    shape: ranked,
    order: anyOrder,
    length: fc.nat(4),
    shifts: five(fc.integer({ min: -20, max: 20 })),
    all: fc.boolean(),
  },
  ({ shape, order, length, shifts, all }): OpCase => {
    if (all) return { attrs: { shifts: shifts[0] }, inputs: { x: shape } };
    const dims = orderOf(order, shape.length).slice(0, 1 + (length % shape.length));
    return { attrs: { shifts: shifts.slice(0, dims.length), dims }, inputs: { x: shape } };
  },
);

const diagonal = casesOf(
  { shape: shapes({ min: 2 }), order: anyOrder, offset: fc.integer({ min: -4, max: 4 }), negative: signs },
  ({ shape, order, offset, negative }): OpCase => {
    const [dim1, dim2] = orderOf(order, shape.length).map((d, i) => signed(d, shape.length, negative[i]));
    return { attrs: { offset, dim1, dim2 }, inputs: { x: shape } };
  },
);

const triangle = casesOf(
  { shape: shapes({ min: 2, empty: true }), diagonal: fc.integer({ min: -5, max: 5 }) },
  ({ shape, diagonal }): OpCase => ({ attrs: { diagonal }, inputs: { x: shape } }),
);

/** Random cases of this family. */
export const layout: Arbitraries = {
  reshape,
  flatten,
  unflatten,
  permute,
  transpose,
  squeeze,
  unsqueeze,
  movedim,
  cat,
  stack,
  split,
  chunk,
  narrow,
  select,
  slice,
  pad,
  expand,
  tile,
  repeat,
  repeatInterleave,
  flip,
  roll,
  diagonal,
  triu: triangle,
  tril: triangle,
};
