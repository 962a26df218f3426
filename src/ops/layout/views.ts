/** Ops that change the shape only: views of the same memory without a dispatch. */
import { sizeOf } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, shapeError } from '../common';
import { viewAs } from '../reduce/sum';
import { integers, source, toDims } from './attrs';

/** The sizes with a single -1 replaced by what is left of `total` elements. */
function inferSizes(op: string, argument: string, sizes: readonly number[], total: number): number[] {
  const known = sizeOf(sizes.filter((n) => n !== -1));
  const open = sizes.filter((n) => n === -1).length;
  const inferred = open === 1 && known > 0 ? total / known : undefined;
  const result = sizes.map((n) => (n === -1 ? (inferred ?? -1) : n));
  if (result.some((n) => n < 0 || !Number.isInteger(n)) || sizeOf(result) !== total) {
    throw shapeError(
      op,
      argument,
      sizes,
      `sizes with product ${total}, at most one of them -1 and the others not negative`,
    );
  }
  return result;
}

/** Another shape of the same elements. */
export const reshape = defineComposite({
  name: 'reshape',
  exact: true,
  module: { name: 'Reshape', positional: ['shape'] },
  aliases: ['view'],
  doc: 'The same elements, row-major, with another shape; one size may be -1 and follows from the others. A view.',
  source: source('reshape'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ shape: integers }),
  compose: ({ x }, { shape }) => viewAs(x, inferSizes('reshape', 'shape', shape, x.size)),
});

/** Neighbouring dimensions as one. */
export const flatten = defineComposite({
  name: 'flatten',
  exact: true,
  doc: 'Dimensions startDim to endDim (inclusive) as one. A 0-d tensor becomes [1]. A view.',
  source: source('flatten'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ startDim: z.int().default(0), endDim: z.int().default(-1) }),
  compose({ x }, { startDim, endDim }) {
    const start = normalizeDim('flatten', startDim, x.rank, 'startDim');
    const end = normalizeDim('flatten', endDim, x.rank, 'endDim');
    if (end < start) throw shapeError('flatten', 'x', x, `startDim ${startDim} not after endDim ${endDim}`);
    return viewAs(x, [
      ...x.shape.slice(0, start),
      sizeOf(x.shape.slice(start, end + 1)),
      ...x.shape.slice(end + 1),
    ]);
  },
});

/** One dimension as several. */
export const unflatten = defineComposite({
  name: 'unflatten',
  exact: true,
  module: { name: 'Unflatten', positional: ['dim', 'sizes'] },
  doc: 'Dimension `dim` as several of the given sizes, one of which may be -1. A view.',
  source: source('unflatten'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int(), sizes: integers }),
  compose({ x }, { dim, sizes }) {
    const at = normalizeDim('unflatten', dim, x.rank);
    const parts = inferSizes('unflatten', 'sizes', sizes, x.shape[at] ?? 1);
    return viewAs(x, [...x.shape.slice(0, at), ...parts, ...x.shape.slice(at + 1)]);
  },
});

/** Without dimensions of size 1. */
export const squeeze = defineComposite({
  name: 'squeeze',
  exact: true,
  doc: 'Without the dimensions of size 1, or without those of them that are in `dim`. A view.',
  source: source('squeeze'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.union([z.int(), integers]).nullable().default(null) }),
  compose({ x }, { dim }) {
    const dims = dim === null ? x.shape.map((_, d) => d) : toDims('squeeze', dim, x.rank);
    return viewAs(
      x,
      x.shape.filter((n, d) => n !== 1 || !dims.includes(d)),
    );
  },
});

/** With one more dimension of size 1. */
export const unsqueeze = defineComposite({
  name: 'unsqueeze',
  exact: true,
  doc: 'With a dimension of size 1 inserted at `dim`, from -(rank + 1) to rank. A view.',
  source: source('unsqueeze'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int() }),
  compose({ x }, { dim }) {
    const at = normalizeDim('unsqueeze', dim, x.rank + 1);
    return viewAs(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
  },
});
