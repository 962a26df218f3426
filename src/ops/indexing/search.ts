/** searchsorted and bucketize: between which boundaries values lie. */
import searchSorted from '../../../shaders/indexing/search.sorted.wgsl';
import { formatShape, GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, notDifferentiable } from '../../graph/ir/op';
import * as z from '../../schema';
import { elementThreads, shapeError } from '../common';
import { source } from '../layout/attrs';

const search = defineInternal({
  name: 'search',
  inputs: ['x', 'boundaries'],
  outputs: ['y'],
  shape: ({ x }, _: { right: boolean }) => ({ y: { shape: x.shape, dtype: 'i32' } }),
  lower({ x, boundaries, y }, { right }, k) {
    const params = {
      ...{ n: y.size, per_row: Math.max(1, x.shape.at(-1) ?? 1), length: boundaries.shape.at(-1)! },
      ...{ shared_row: boundaries.rank === 1, right },
    };
    k.dispatch(searchSorted, { x, boundaries }, { y }, params, elementThreads(y.size, k.device));
  },
  backward: notDifferentiable('its result is a position'),
});

/** Checks boundaries that the host knows. */
function checkSorted(op: string, argument: string, boundaries: Tensor): void {
  const length = boundaries.shape.at(-1)!;
  boundaries.graph.checkValues(boundaries, (values) => {
    for (let i = 1; i < values.length; i++) {
      if (i % length === 0 || !(values[i] < values[i - 1])) continue;
      throw new GradloomError({
        ...{ code: 'argument', op, argument, got: `${values[i]} behind ${values[i - 1]} at ${i % length}` },
        expected: 'values that do not fall',
        fix: 'Sort them first',
      });
    }
  });
}

/** Where values belong in sorted sequences. */
export const searchsorted = defineComposite({
  name: 'searchsorted',
  doc: 'y[..., i] = how many values of the last dim of sortedSequence, which do not fall, are below x[..., i]; with `right` also those equal to it. sortedSequence has one dim, or the dims of x but the last. NaN is behind all others.',
  source: source('searchsorted'),
  inputs: ['sortedSequence', 'x'],
  inputAliases: { input: 'x' },
  outputs: ['y'],
  attrs: z.strictObject({ right: z.boolean().default(false) }),
  compose({ sortedSequence, x }, attrs) {
    const leading = sortedSequence.shape.slice(0, -1);
    const fits =
      sortedSequence.rank === 1 ||
      (sortedSequence.rank > 1 && leading.join() === x.shape.slice(0, -1).join());
    if (!fits || (sortedSequence.rank > 1 && x.rank !== sortedSequence.rank)) {
      throw shapeError(
        'searchsorted',
        'sortedSequence',
        sortedSequence,
        `one dimension, or those of x ${formatShape(x.shape)} but the last`,
      );
    }
    checkSorted('searchsorted', 'sortedSequence', sortedSequence);
    return search({ x, boundaries: sortedSequence }, attrs).y;
  },
  backward: notDifferentiable('its result is a position'),
});

/** Numbers of the buckets of values. */
export const bucketize = defineComposite({
  name: 'bucketize',
  doc: 'y = the number of the bucket of x between `boundaries`, which do not fall: boundaries[y - 1] < x <= boundaries[y], with `right` boundaries[y - 1] <= x < boundaries[y]. NaN is behind all others.',
  source: source('bucketize'),
  inputs: ['x', 'boundaries'],
  outputs: ['y'],
  attrs: z.strictObject({ right: z.boolean().default(false) }),
  compose({ x, boundaries }, attrs) {
    if (boundaries.rank !== 1) throw shapeError('bucketize', 'boundaries', boundaries, 'one dimension');
    checkSorted('bucketize', 'boundaries', boundaries);
    return search({ x, boundaries }, attrs).y;
  },
  backward: notDifferentiable('its result is a position'),
});
