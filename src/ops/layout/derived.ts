/** Layout ops that are written with others: diagonals of new matrices, turns, stacks, grids, differences. */
import { GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { noAttrs, normalizeDim, shapeError, stridesOf } from '../common';
import { sub } from '../elementwise';
import { sum, viewAs } from '../reduce/sum';
import { integers, source, toDims, withEntry } from './attrs';
import { cat } from './cat';
import { diagonal, flip, permuted, transpose } from './permute';
import { expanded } from './repeat';
import { narrow, select, slice } from './slice';
import { join } from './strided';

/** x as the diagonals of dim1 and dim2 of zeros. */
function embedded(x: Tensor, offset: number, dim1: number, dim2: number): Tensor {
  const [rows, columns] = toDims('diagEmbed', [dim1, dim2], x.rank + 1, 'dim1, dim2');
  const size = x.shape.at(-1)! + Math.abs(offset);
  const batch = x.shape.slice(0, -1);
  const shape = Array.from({ length: x.rank + 1 }, (_, d) => (d === rows || d === columns ? size : -1));
  const others = shape.flatMap((n, d) => (n === -1 ? [d] : []));
  others.forEach((d, i) => {
    shape[d] = batch[i];
  });
  const strides = stridesOf(shape);
  const start = Math.max(-offset, 0) * strides[rows] + Math.max(offset, 0) * strides[columns];
  const steps = [...others.map((d) => strides[d]), strides[rows] + strides[columns]];
  return join([x], shape, [{ shape: x.shape, offset: start, strides: steps }]);
}

/** Vectors as diagonals. */
export const diagEmbed = defineComposite({
  name: 'diagEmbed',
  exact: true,
  doc: 'Matrices in dims dim1 and dim2 whose diagonal `offset` is the last dim of x, 0 elsewhere.',
  source: source('diag_embed'),
  inputs: ['x'],
  outputs: ['y'],
  attrs: z.strictObject({ offset: z.int().default(0), dim1: z.int().default(-2), dim2: z.int().default(-1) }),
  compose({ x }, { offset, dim1, dim2 }) {
    if (x.rank === 0) throw shapeError('diagEmbed', 'x', x, 'at least one dimension');
    return embedded(x, offset, dim1, dim2);
  },
});

/** A diagonal of a matrix, or the matrix of a diagonal. */
export const diag = defineComposite({
  name: 'diag',
  exact: true,
  doc: 'Of a vector the square matrix with it as `diagonal`, of a matrix that diagonal.',
  source: source('diag'),
  inputs: ['x'],
  outputs: ['y'],
  attrs: z.strictObject({ diagonal: z.int().default(0) }),
  compose({ x }, attrs) {
    if (x.rank !== 1 && x.rank !== 2) throw shapeError('diag', 'x', x, 'one or two dimensions');
    return x.rank === 1 ? embedded(x, attrs.diagonal, 0, 1) : diagonal(x, { offset: attrs.diagonal });
  },
});

/** Sum of the diagonal. */
export const trace = defineComposite({
  name: 'trace',
  doc: 'The sum of the diagonal of a matrix.',
  source: source('trace'),
  inputs: ['x'],
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x }) {
    if (x.rank !== 2) throw shapeError('trace', 'x', x, 'two dimensions');
    return sum(diagonal(x));
  },
});

/** A matrix transposed. */
export const t = defineComposite({
  name: 't',
  exact: true,
  doc: 'A matrix transposed; fewer dimensions stay as they are.',
  source: source('t'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x }) {
    if (x.rank > 2) throw shapeError('t', 'x', x, 'at most two dimensions');
    return x.rank === 2 ? permuted(x, [1, 0]) : x;
  },
});

/** Quarter turns. */
export const rot90 = defineComposite({
  name: 'rot90',
  exact: true,
  doc: 'x turned k times by 90 degrees in the plane of two dims, from the first towards the second.',
  source: source('rot90'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ k: z.int().default(1), dims: integers.length(2).default([0, 1]) }),
  compose({ x }, { k, dims }) {
    const [first, second] = toDims('rot90', dims, x.rank, 'dims');
    const turns = ((k % 4) + 4) % 4;
    if (turns === 0) return x;
    if (turns === 2) return flip(x, { dims: [first, second] });
    return transpose(flip(x, { dims: turns === 1 ? second : first }), { dim0: first, dim1: second });
  },
});

/** All positions of a dimension. */
export const unbind = defineComposite({
  name: 'unbind',
  exact: true,
  doc: 'Every position of `dim`, without that dimension. Outputs y0, y1, ....',
  source: source('unbind'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['...y'],
  attrs: z.strictObject({ dim: z.int().default(0) }),
  compose({ x }, { dim }) {
    if (x.rank === 0) throw shapeError('unbind', 'x', x, 'at least one dimension');
    const n = x.shape[normalizeDim('unbind', dim, x.rank)];
    return Array.from({ length: n }, (_, index) => select(x, { dim, index }));
  },
});

/** Sections that need not be equal. */
export const tensorSplit = defineComposite({
  name: 'tensorSplit',
  exact: true,
  doc: 'That many sections of `dim`, the first ones longer by one where needed; or with a list the sections between these positions. Outputs y0, y1, ....',
  source: source('tensor_split'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['...y'],
  attrs: z.strictObject({ indicesOrSections: z.union([z.int().min(1), integers]), dim: z.int().default(0) }),
  compose({ x }, { indicesOrSections, dim }) {
    if (x.rank === 0) throw shapeError('tensorSplit', 'x', x, 'at least one dimension');
    const n = x.shape[normalizeDim('tensorSplit', dim, x.rank)];
    const count = indicesOrSections as number;
    const places = Array.isArray(indicesOrSections)
      ? indicesOrSections
      : Array.from(
          { length: count - 1 },
          (_, i) => (i + 1) * Math.floor(n / count) + Math.min(i + 1, n % count),
        );
    return [...places, n].map((end, i) => slice(x, { dim, start: places[i - 1] ?? 0, end }));
  },
});

/** cat after the tensors got at least `rank` dimensions. */
function defineStack(name: 'hstack' | 'vstack', doc: string) {
  return defineComposite({
    name,
    exact: true,
    doc,
    source: source(name),
    inputs: ['...tensors'],
    dtypes: { tensors: 'any' },
    outputs: ['y'],
    attrs: noAttrs,
    compose({ tensors }) {
      const rows = name === 'vstack';
      const wide = tensors.map((x) => {
        if (x.rank === 0) return viewAs(x, rows ? [1, 1] : [1]);
        return rows && x.rank === 1 ? viewAs(x, [1, x.size]) : x;
      });
      return cat(wide, { dim: rows || wide[0].rank === 1 ? 0 : 1 });
    },
  });
}

/** Tensors side by side. */
export const hstack = defineStack('hstack', 'cat along dimension 1, of vectors along dimension 0.');
/** Tensors on top of each other; vectors are rows. */
export const vstack = defineStack('vstack', 'cat along dimension 0, where vectors are rows.');

/** Coordinates of a grid. */
export const meshgrid = defineComposite({
  name: 'meshgrid',
  exact: true,
  doc: "Each vector along a dimension of its own, repeated along the others; with indexing 'xy' the first two dimensions are exchanged. Outputs y0, y1, ....",
  source: source('meshgrid'),
  inputs: ['...tensors'],
  outputs: ['...y'],
  attrs: z.strictObject({ indexing: z.enum(['ij', 'xy']).default('ij') }),
  compose({ tensors }, { indexing }) {
    const wrong = tensors.find(({ rank }) => rank > 1);
    if (wrong) throw shapeError('meshgrid', 'tensors', wrong, 'at most one dimension');
    const dimOf = (i: number) => (indexing === 'xy' && tensors.length > 1 && i < 2 ? 1 - i : i);
    const shape = tensors.map((_, d) => tensors[dimOf(d)].size);
    const ones = shape.map(() => 1);
    return tensors.map((x, i) => expanded(viewAs(x, withEntry(ones, dimOf(i), x.size)), shape));
  },
});

/** Differences of neighbours. */
export const diff = defineComposite({
  name: 'diff',
  doc: 'x[i + 1] - x[i] along `dim`, n times.',
  source: source('diff'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ n: z.int().min(0).default(1), dim: z.int().default(-1) }),
  compose({ x }, { n, dim }) {
    if (x.rank === 0) throw shapeError('diff', 'x', x, 'at least one dimension');
    const at = normalizeDim('diff', dim, x.rank);
    let y = x;
    for (let i = 0; i < n && y.shape[at] > 0; i++) {
      const length = y.shape[at] - 1;
      y = sub(narrow(y, { dim, start: Math.min(1, length), length }), narrow(y, { dim, start: 0, length }));
    }
    return y;
  },
});

/** Channels dealt out to groups. */
export const channelShuffle = defineComposite({
  name: 'channelShuffle',
  exact: true,
  module: { name: 'ChannelShuffle', positional: ['groups'] },
  doc: 'The channels of x [N, C, ...] as [groups, C / groups], transposed: the first of each group, then the second of each.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ groups: z.int().min(1) }),
  compose({ x }, { groups }) {
    const [batch, channels, ...rest] = x.shape;
    if (x.rank < 3 || channels % groups !== 0) {
      throw new GradloomError({
        ...{ code: 'argument', op: 'channelShuffle', argument: 'groups' },
        got: `${groups} for x [${x.shape}]`,
        expected: 'x [N, C, ...] with C a multiple of groups',
      });
    }
    const inner = rest.reduce((product, n) => product * n, 1);
    const dealt = permuted(viewAs(x, [batch, groups, channels / groups, inner]), [0, 2, 1, 3]);
    return viewAs(dealt, x.shape);
  },
});
