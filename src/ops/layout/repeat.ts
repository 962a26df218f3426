/** Ops that repeat elements: expand, tile, repeat. Their gradients are sums over the copies. */
import { GradloomError } from '../../errors';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { broadcastStrides, shapeError, stridesOf } from '../common';
import { viewAs } from '../reduce/sum';
import { source } from './attrs';
import { strided } from './strided';

/** x broadcast to `shape`, which it must fit. */
export const expanded = (x: Tensor, shape: Shape): Tensor =>
  strided(x, { shape, offset: 0, strides: broadcastStrides(x.shape, shape) });

/** Broadcasting. */
export const expand = defineComposite({
  name: 'expand',
  exact: true,
  aliases: ['broadcastTo'],
  doc: 'x broadcast to `size`: new leading dimensions, and dimensions of size 1 repeated; -1 keeps a size.',
  source: source('Tensor.expand'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ size: z.array(z.int().min(-1)) }),
  compose({ x }, { size }) {
    const missing = size.length - x.rank;
    const shape = size.map((n, d) => (n === -1 && d >= missing ? x.shape[d - missing] : n));
    const fits = missing >= 0 && x.shape.every((n, d) => n === 1 || n === shape[missing + d]);
    if (!fits || shape.includes(-1))
      throw shapeError('expand', 'x', x, `a shape that broadcasts to [${size.join(', ')}]`);
    return expanded(x, shape);
  },
});

const noNegative = z.array(z.int().min(0));

/** x repeated counts[d] times along dimension d, as a whole; the shorter of shape and counts gets leading ones. */
function tiled(x: Tensor, counts: readonly number[]): Tensor {
  const rank = Math.max(counts.length, x.rank);
  const leadingOnes = (list: readonly number[]) => [
    ...new Array<number>(rank - list.length).fill(1),
    ...list,
  ];
  const [sizes, times] = [leadingOnes(x.shape), leadingOnes(counts)];
  const strides = stridesOf(sizes);
  const pairs = strided(x, {
    shape: sizes.flatMap((n, d) => [times[d], n]),
    offset: 0,
    strides: strides.flatMap((stride) => [0, stride]),
  });
  return viewAs(
    pairs,
    sizes.map((n, d) => times[d] * n),
  );
}

/** The whole repeated, counts aligned to the last dimensions. */
export const tile = defineComposite({
  name: 'tile',
  exact: true,
  doc: 'x repeated dims[d] times along dimension d; the shorter of the shape and dims is extended by leading ones.',
  source: source('tile'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dims: noNegative }),
  compose: ({ x }, { dims }) => tiled(x, dims),
});

/** The whole repeated, one count per dimension. */
export const repeat = defineComposite({
  name: 'repeat',
  exact: true,
  doc: 'x repeated sizes[d] times along dimension d; sizes has at least one entry per dimension of x.',
  source: source('Tensor.repeat'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ sizes: noNegative }),
  compose({ x }, { sizes }) {
    if (sizes.length >= x.rank) return tiled(x, sizes);
    throw new GradloomError({
      code: 'argument',
      op: 'repeat',
      argument: 'sizes',
      got: JSON.stringify(sizes),
      expected: `at least ${x.rank} entries, one per dimension of x`,
      fix: 'tile takes fewer',
    });
  },
});
