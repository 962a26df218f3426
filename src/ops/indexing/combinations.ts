/** combinations: choices of some positions of a vector. */
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { shapeError } from '../common';
import { source } from '../layout/attrs';
import { viewAs } from '../reduce/sum';
import { take } from './take';

/** All choices of some positions. */
export const combinations = defineComposite({
  name: 'combinations',
  exact: true,
  doc: 'All choices of r elements of a vector, one per row, in the order of their positions; with `withReplacement` an element may come more than once.',
  source: source('combinations'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ r: z.int().min(1).default(2), withReplacement: z.boolean().default(false) }),
  compose({ x }, { r, withReplacement }) {
    if (x.rank !== 1) throw shapeError('combinations', 'x', x, 'one dimension');
    const choices = (length: number, first: number): number[][] => {
      if (length === 0) return [[]];
      return Array.from({ length: Math.max(0, x.size - first) }, (_, i) => first + i).flatMap((i) =>
        choices(length - 1, withReplacement ? i : i + 1).map((rest) => [i, ...rest]),
      );
    };
    const chosen = choices(r, 0);
    const index = x.graph.constant(Int32Array.from(chosen.flat()), [chosen.length * r]);
    return viewAs(take({ x, index }, { dim: 0, shared: true, shape: [chosen.length * r] }).y, [
      chosen.length,
      r,
    ]);
  },
});
