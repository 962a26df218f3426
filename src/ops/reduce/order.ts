/** sort and topk: a stable merge sort of keys and positions. */
import sortBegin from '../../../shaders/reduce/sort.begin.wgsl';
import sortFinish from '../../../shaders/reduce/sort.finish.wgsl';
import sortMerge from '../../../shaders/reduce/sort.merge.wgsl';
import { GradloomError } from '../../errors';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { defineOp, type Lowering } from '../../graph/ir/op';
import * as z from '../../schema';
import { elementThreads, normalizeDim, splitAt } from '../common';
import { pickBackward } from './pick';
import { picked } from './whole';

/** Length of the runs that `sort.begin.wgsl` puts in order. */
const FIRST_RUN = 32;

/** Writes the first `count` elements in order along the dimension, and where they were. */
function runSort(
  k: Lowering,
  x: Tensor,
  dim: number,
  { count, descending }: { count: number; descending: boolean },
  values: Tensor,
  indices: Tensor,
): void {
  const { size, inner } = splitAt(x.shape, dim);
  const n = x.size;
  const temps = () => [k.scratch([n], 'i32'), k.scratch([n], 'i32')];
  let [keys, positions] = temps();
  const begin = sortBegin[x.dtype === 'i32' ? 'integers' : 'floats'];
  k.dispatch(begin, { x }, { keys, positions }, { n, size, inner, descending }, { threads: n });
  let [spareKeys, sparePositions] = size > FIRST_RUN ? temps() : [keys, positions];
  for (let width = FIRST_RUN; width < size; width *= 2) {
    const merged = { merged_keys: spareKeys, merged_positions: sparePositions };
    k.dispatch(sortMerge, { keys, positions }, merged, { n, size, width }, { threads: n });
    [keys, positions, spareKeys, sparePositions] = [spareKeys, sparePositions, keys, positions];
  }
  const params = { n: values.size, count, size, inner };
  k.dispatch(
    sortFinish,
    { x, positions },
    { values, indices },
    params,
    elementThreads(values.size, k.device),
  );
}

const ordered = (x: Tensor, shape: Shape) => ({
  values: picked(x, shape),
  indices: { shape, dtype: 'i32' as const },
});

export const sort = defineOp({
  name: 'sort',
  doc: 'The values along `dim` in ascending (or descending) order and where they were; equal values keep their order, NaN is the largest.',
  source: 'https://pytorch.org/docs/stable/generated/torch.sort.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['values', 'indices'],
  // Always stable, which PyTorch is only where asked for.
  attrs: z.strictObject({
    dim: z.int().default(-1),
    descending: z.boolean().default(false),
    stable: z.boolean().optional(),
  }),
  shape({ x }, { dim }) {
    normalizeDim('sort', dim, x.rank);
    return ordered(x, x.shape);
  },
  lower({ x, values, indices }, { dim, descending }, k) {
    const d = normalizeDim('sort', dim, x.rank);
    runSort(k, x, d, { count: splitAt(x.shape, d).size, descending }, values, indices);
  },
  backward({ x, indices, dvalues }, { dim }) {
    const { size, inner } = splitAt(x.shape, normalizeDim('sort', dim, x.rank));
    return { x: dvalues && pickBackward({ x, indices, dy: dvalues }, { size, inner, picks: size }).dx };
  },
});

export const topk = defineOp({
  name: 'topk',
  aliases: ['topK'],
  doc: 'The k largest (or smallest) values along `dim`, in order, and where they were; of equals the first, NaN is the largest.',
  source: 'https://pytorch.org/docs/stable/generated/torch.topk.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['values', 'indices'],
  attrs: z.strictObject({
    k: z.int().min(0),
    dim: z.int().default(-1),
    largest: z.boolean().default(true),
    sorted: z.boolean().default(true),
  }),
  shape({ x }, { k: count, dim }) {
    const d = normalizeDim('topk', dim, x.rank);
    const { size } = splitAt(x.shape, d);
    if (count > size) {
      throw new GradloomError({
        code: 'argument',
        op: 'topk',
        argument: 'k',
        got: String(count),
        expected: `at most ${size}, the size of dimension ${dim} of [${x.shape}]`,
      });
    }
    return ordered(
      x,
      x.shape.map((n, i) => (i === d ? count : n)),
    );
  },
  lower({ x, values, indices }, { k: count, dim, largest }, k) {
    runSort(k, x, normalizeDim('topk', dim, x.rank), { count, descending: largest }, values, indices);
  },
  backward({ x, indices, dvalues }, { k: count, dim }) {
    const { size, inner } = splitAt(x.shape, normalizeDim('topk', dim, x.rank));
    return { x: dvalues && pickBackward({ x, indices, dy: dvalues }, { size, inner, picks: count }).dx };
  },
});
