/** Ops that change the order of elements: dimensions exchanged, reversed, rotated, or walked diagonally. */
import { GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, shapeError, stridesOf } from '../common';
import { viewAs } from '../reduce/sum';
import { integers, oneOrMore, source, toDims, withEntry } from './attrs';
import { join, type StridedView, strided, wholeView } from './strided';

/** The dimensions of x in another order: dimension d of the result is dimension order[d] of x. */
export function permuted(x: Tensor, order: readonly number[]): Tensor {
  const strides = stridesOf(x.shape);
  return strided(x, {
    shape: order.map((d) => x.shape[d]),
    offset: 0,
    strides: order.map((d) => strides[d]),
  });
}

/** Dimensions in another order. */
export const permute = defineComposite({
  name: 'permute',
  exact: true,
  module: { name: 'Permute', positional: ['dims'] },
  doc: 'The dimensions in the order `dims`: dimension d of y is dimension dims[d] of x.',
  source: source('permute'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dims: integers }),
  compose({ x }, { dims }) {
    const order = dims.length === 0 ? [] : toDims('permute', dims, x.rank, 'dims');
    if (order.length !== x.rank) {
      throw shapeError('permute', 'x', x, `as many dimensions as dims has entries, ${dims.length}`);
    }
    return permuted(x, order);
  },
});

/** Two dimensions exchanged. */
export const transpose = defineComposite({
  name: 'transpose',
  exact: true,
  aliases: ['swapaxes', 'swapdims'],
  doc: 'x with dimensions dim0 and dim1 exchanged.',
  source: source('transpose'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim0: z.int(), dim1: z.int() }),
  compose({ x }, { dim0, dim1 }) {
    const [a, b] = [
      normalizeDim('transpose', dim0, x.rank, 'dim0'),
      normalizeDim('transpose', dim1, x.rank, 'dim1'),
    ];
    return permuted(
      x,
      x.shape.map((_, d) => (d === a ? b : d === b ? a : d)),
    );
  },
});

/** Dimensions moved, the others in their order. */
export const movedim = defineComposite({
  name: 'movedim',
  exact: true,
  aliases: ['moveaxis'],
  doc: 'Dimensions `source` moved to the positions `destination`; the others keep their order.',
  source: source('movedim'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ source: oneOrMore, destination: oneOrMore }),
  compose({ x }, { source: sourceDims, destination }) {
    const origin = toDims('movedim', sourceDims, x.rank, 'source');
    const goal = toDims('movedim', destination, x.rank, 'destination');
    if (origin.length !== goal.length) {
      throw new GradloomError({
        code: 'argument',
        op: 'movedim',
        argument: 'destination',
        got: JSON.stringify(destination),
        expected: `as many dimensions as source has, ${origin.length}`,
      });
    }
    const rest = x.shape.map((_, d) => d).filter((d) => !origin.includes(d));
    return permuted(
      x,
      x.shape.map((_, d) => (goal.includes(d) ? origin[goal.indexOf(d)] : rest.shift()!)),
    );
  },
});

/** Dimensions backwards. */
export const flip = defineComposite({
  name: 'flip',
  exact: true,
  doc: 'The elements in reverse order along `dims`.',
  source: source('flip'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dims: oneOrMore }),
  compose({ x }, { dims }) {
    const view = { ...wholeView(x.shape), strides: stridesOf(x.shape) };
    for (const d of toDims('flip', dims, x.rank, 'dims')) {
      if (x.rank === 0 || x.size === 0) continue;
      view.offset += (x.shape[d] - 1) * view.strides[d];
      view.strides[d] = -view.strides[d];
    }
    return strided(x, view);
  },
});

/** x rotated by `by` elements along one dimension: two blocks that change places. */
function rolled(x: Tensor, d: number, by: number): Tensor {
  const n = x.shape[d] ?? 1;
  const shift = n === 0 ? 0 : ((by % n) + n) % n;
  if (shift === 0) return x;
  const strides = stridesOf(x.shape);
  const block = (start: number, length: number): StridedView => ({
    shape: withEntry(x.shape, d, length),
    offset: start * strides[d],
    strides,
  });
  const [head, tail] = [block(0, n - shift), block(n - shift, shift)];
  return join([strided(x, tail), strided(x, head)], x.shape, [block(0, shift), block(shift, n - shift)]);
}

/** Rotation of elements along dimensions. */
export const roll = defineComposite({
  name: 'roll',
  exact: true,
  doc: 'Elements moved by `shifts` along `dims`; what leaves at the end comes back at the start. Without dims over all elements.',
  source: source('roll'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ shifts: oneOrMore, dims: oneOrMore.nullable().default(null) }),
  compose({ x }, { shifts, dims }) {
    const by = [shifts].flat();
    const list = dims === null ? [0] : [dims].flat().map((d) => normalizeDim('roll', d, x.rank, 'dims'));
    if (by.length !== list.length) {
      throw new GradloomError({
        code: 'argument',
        op: 'roll',
        argument: 'shifts',
        got: JSON.stringify(shifts),
        expected:
          dims === null
            ? 'one number, or dims of the same length'
            : `one number per dimension, ${list.length}`,
      });
    }
    if (dims === null) return viewAs(rolled(viewAs(x, [x.size]), 0, by[0]), x.shape);
    return list.reduce((y, d, i) => rolled(y, d, by[i]), x);
  },
});

/** The diagonals of two dimensions. */
export const diagonal = defineComposite({
  name: 'diagonal',
  exact: true,
  doc: 'The diagonals of dim1 and dim2 as the last dimension: element k is at (k, k + offset), or (k - offset, k) when offset < 0.',
  source: source('diagonal'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ offset: z.int().default(0), dim1: z.int().default(0), dim2: z.int().default(1) }),
  compose({ x }, { offset, dim1, dim2 }) {
    const [rows, columns] = toDims('diagonal', [dim1, dim2], x.rank, 'dim1, dim2');
    const strides = stridesOf(x.shape);
    const [row, column] = [Math.max(-offset, 0), Math.max(offset, 0)];
    const length = Math.max(0, Math.min(x.shape[rows] - row, x.shape[columns] - column));
    const others = x.shape.map((_, d) => d).filter((d) => d !== rows && d !== columns);
    return strided(x, {
      shape: [...others.map((d) => x.shape[d]), length],
      offset: row * strides[rows] + column * strides[columns],
      strides: [...others.map((d) => strides[d]), strides[rows] + strides[columns]],
    });
  },
});
