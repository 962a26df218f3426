/** Order statistics through sorting: msort, mode, nanmedian, nanquantile. */
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { noAttrs, normalizeDim } from '../common';
import { add, cast, ceil, floor, gt, isnan, logicalNot, maximum, mul, ne, sub, where } from '../elementwise';
import { scale } from '../elementwise/scale';
import { gather } from '../indexing/gather';
import { source, withEntry } from '../layout/attrs';
import { cat } from '../layout/cat';
import { expanded } from '../layout/repeat';
import { narrowed } from '../layout/slice';
import { squeeze, unsqueeze } from '../layout/views';
import { cummax } from '../reduce/cumulative-extremes';
import { requireElements } from '../reduce/extremes';
import { argmax } from '../reduce/extremum';
import { sort } from '../reduce/order';
import { sum, viewAs } from '../reduce/sum';

const oneDim = z.strictObject({ dim: z.int().default(-1), keepdim: z.boolean().default(false) });

/** Sorted along dimension 0. */
export const msort = defineComposite({
  name: 'msort',
  doc: 'x sorted in ascending order along its first dimension.',
  source: source('msort'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: noAttrs,
  compose: ({ x }) => sort(x, { dim: 0 }).values,
});

/** Position `index` [.., 1, ..] of a line of sorted values, with what belongs to it. */
function pickSorted(
  sorted: Record<'values' | 'indices', Tensor>,
  index: Tensor,
  dim: number,
  keepdim: boolean,
): Record<'values' | 'indices', Tensor> {
  const picked = (from: Tensor) => {
    const y = gather(from, index, { dim });
    return keepdim ? y : squeeze(y, { dim });
  };
  return { values: picked(sorted.values), indices: picked(sorted.indices) };
}

/** Whole numbers from 0 along a dimension of a shape of that rank, as float32. */
function counted({ graph }: Tensor, n: number, dim: number, rank: number): Tensor {
  const shape = withEntry(new Array<number>(rank).fill(1), dim, n);
  return graph.constant(
    Float32Array.from({ length: n }, (_, i) => i),
    shape,
  );
}

/** The value that comes most often. */
export const mode = defineComposite({
  name: 'mode',
  doc: 'The value that comes most often along `dim`, the smallest of several, and where it comes last; NaN never equals another.',
  source: source('mode'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['values', 'indices'],
  attrs: oneDim,
  compose({ x: given }, { dim, keepdim }) {
    const at = normalizeDim('mode', dim, given.rank);
    const x = given.rank === 0 ? viewAs(given, [1]) : given;
    requireElements('mode', x, [at]);
    const sorted = sort(x, { dim: at });
    const n = x.shape[at];
    const { values } = sorted;
    const first = expanded(x.graph.scalar(1, 'bool'), withEntry(x.shape, at, 1));
    const begins = cat([first, ne(narrowed(values, at, 1, n - 1), narrowed(values, at, 0, n - 1))], {
      dim: at,
    });
    // The length of a run so far is largest, for the first time, at the end of the first of the longest runs.
    const places = expanded(counted(x, n, at, x.rank), x.shape);
    const run = sub(places, cummax(where(begins, places, 0), { dim: at }).values);
    const found = pickSorted(sorted, argmax(run, { dim: at, keepdim: true }), at, keepdim);
    if (given.rank > 0) return found;
    return { values: viewAs(found.values, []), indices: viewAs(found.indices, []) };
  },
});

/** How many of a line are not NaN, float32 [.., 1, ..]. */
const presentIn = (x: Tensor, dim: number): Tensor =>
  cast(sum(logicalNot(isnan(x)), { dim, keepdim: true }), { dtype: 'f32' });

const wholeNumber = (x: Tensor): Tensor => cast(maximum(x, 0), { dtype: 'i32' });

/** The value in the middle of those that are numbers. */
export const nanmedian = defineComposite({
  name: 'nanmedian',
  doc: 'median of the values that are not NaN, the lower of two in the middle; NaN where nothing else is there. Without `dim` of all elements, as `y`; along a `dim` as `values` with their `indices`.',
  source: source('nanmedian'),
  inputs: ['x'],
  outputs: ['values', 'indices', 'y'],
  attrs: z.strictObject({ dim: z.int().nullable().default(null), keepdim: z.boolean().default(false) }),
  compose({ x: given }, { dim, keepdim }) {
    const x = dim === null || given.rank === 0 ? viewAs(given, [given.size]) : given;
    const at = normalizeDim('nanmedian', dim ?? 0, x.rank);
    requireElements('nanmedian', x, [at]);
    const middle = wholeNumber(floor(scale(sub(presentIn(x, at), 1), 0.5)));
    const found = pickSorted(sort(x, { dim: at }), middle, at, keepdim);
    const scalars = given.rank === 0 || dim === null;
    const shaped = (y: Tensor) => (scalars ? viewAs(y, []) : y);
    const outputs =
      dim === null
        ? { y: shaped(found.values) }
        : { values: shaped(found.values), indices: shaped(found.indices) };
    return outputs as unknown as Record<'values' | 'indices' | 'y', Tensor>;
  },
});

const share = z.number().min(0).max(1);

/** Quantiles of what is not NaN. */
export const nanquantile = defineComposite({
  name: 'nanquantile',
  doc: 'quantile of the values that are not NaN; NaN where nothing else is there. A list of q becomes the first dimension.',
  source: source('nanquantile'),
  inputs: ['x'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({
    q: z.union([share, z.array(share).min(1)]),
    dim: z.int().nullable().default(null),
    keepdim: z.boolean().default(false),
    interpolation: z.enum(['linear', 'lower', 'higher', 'nearest', 'midpoint']).default('linear'),
  }),
  compose({ x: given }, { q, dim, keepdim, interpolation }) {
    const x = dim === null || given.rank === 0 ? viewAs(given, [given.size]) : given;
    const at = normalizeDim('nanquantile', dim ?? 0, x.rank);
    requireElements('nanquantile', x, [at]);
    const { values } = sort(x, { dim: at });
    const last = sub(presentIn(x, at), 1);
    const value = (place: Tensor) => gather(values, wholeNumber(place), { dim: at });
    const one = (fraction: number) => {
      const position = scale(last, fraction);
      const low = floor(position);
      const weight = sub(position, low);
      const [below, above] = [value(low), value(ceil(position))];
      const half = mul(low, 0.5);
      const nearest = where(
        gt(weight, 0.5),
        above,
        where(gt(0.5, weight), below, where(ne(half, floor(half)), above, below)),
      );
      const between = (w: Tensor | number) => add(below, mul(sub(above, below), w));
      if (interpolation === 'lower') return below;
      if (interpolation === 'higher') return above;
      if (interpolation === 'nearest') return nearest;
      return between(interpolation === 'midpoint' ? where(gt(weight, 0), 0.5, 0) : weight);
    };
    const shape = dim === null ? given.shape.map(() => (keepdim ? 1 : 0)).filter((n) => n > 0) : undefined;
    const shaped = (y: Tensor) =>
      given.rank === 0 ? viewAs(y, []) : shape ? viewAs(y, shape) : keepdim ? y : squeeze(y, { dim: at });
    if (!Array.isArray(q)) return shaped(one(q));
    return cat(q.map((fraction) => unsqueeze(shaped(one(fraction)), { dim: 0 })));
  },
});
