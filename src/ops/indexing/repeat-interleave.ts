/** repeatInterleave: positions repeated, all as often or each as often as a list says. */
import { GradloomError } from '../../errors';
import { sizeOf } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim } from '../common';
import { source, withEntry } from '../layout/attrs';
import { strided } from '../layout/strided';
import { viewAs } from '../reduce/sum';
import { take } from './take';

/** Elements repeated. */
export const repeatInterleave = defineComposite({
  name: 'repeatInterleave',
  exact: true,
  doc: 'Each position of `dim` repeated `repeats` times, copies next to each other; with a list each position as often as its entry says. Without dim on all elements in a row.',
  source: source('repeat_interleave'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({
    repeats: z.union([z.int().min(0), z.array(z.int().min(0))]),
    dim: z.int().nullable().default(null),
  }),
  compose({ x }, { repeats, dim }) {
    const flat = dim === null || x.rank === 0 ? viewAs(x, [x.size]) : x;
    const at = normalizeDim('repeatInterleave', dim ?? 0, flat.rank);
    const n = flat.shape[at];
    if (Array.isArray(repeats)) {
      if (repeats.length !== n && repeats.length !== 1) {
        throw new GradloomError({
          ...{
            code: 'argument',
            op: 'repeatInterleave',
            argument: 'repeats',
            got: `${repeats.length} numbers`,
          },
          expected: `one number, or ${n}: one for each position of dimension ${at}`,
        });
      }
      const positions = Array.from({ length: n }, (_, i) =>
        new Array<number>(repeats[repeats.length === 1 ? 0 : i]).fill(i),
      ).flat();
      const index = x.graph.constant(Int32Array.from(positions), [positions.length]);
      const shape = withEntry(flat.shape, at, positions.length);
      return take({ x: flat, index }, { dim: at, shared: true, shape }).y;
    }
    const [outer, inner] = [sizeOf(flat.shape.slice(0, at)), sizeOf(flat.shape.slice(at + 1))];
    const copies = strided(flat, {
      shape: [outer, n, repeats, inner],
      offset: 0,
      strides: [n * inner, inner, 0, 1],
    });
    return viewAs(copies, withEntry(flat.shape, at, n * repeats));
  },
});
