/** Statistics that are written with sorting and sums: medians, quantiles, counts, mean and variance in one. */
import unaryForward from '../../../shaders/elementwise/unary.forward.wgsl';
import { GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, notDifferentiable } from '../../graph/ir/op';
import * as z from '../../schema';
import { elementThreads, normalizeDim } from '../common';
import { add, cast, div, isnan, logicalNot, mul, ne, where } from '../elementwise';
import { scale } from '../elementwise/scale';
import { cat } from '../layout/cat';
import { select } from '../layout/slice';
import { unsqueeze } from '../layout/views';
import { amax, amin, any, requireElements } from './extremes';
import { sort } from './order';
import { dimAttrs, mean, sum, viewAs } from './sum';
import { std, var as variance, varianceAttrs } from './variance';

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

/** Position `at` along a dim, which stays as one of size 1 with keepdim. */
function placed(x: Tensor, dim: number, at: number, keepdim: boolean): Tensor {
  if (x.rank === 0) return x;
  const y = select(x, { dim, index: at });
  return keepdim ? unsqueeze(y, { dim }) : y;
}

/** y, but NaN where a line of x has one. */
const orNaN = (x: Tensor, y: Tensor, dim: number, keepdim: boolean): Tensor =>
  x.dtype === 'i32' ? y : where(any(isnan(x), { dim, keepdim }), Number.NaN, y);

/** Where the elements would be in order. */
export const argsort = defineComposite({
  name: 'argsort',
  exact: true,
  doc: 'The positions along `dim` that put x in ascending (or descending) order; equal values keep their order.',
  source: source('argsort'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({
    dim: z.int().default(-1),
    descending: z.boolean().default(false),
    stable: z.boolean().optional(),
  }),
  compose: ({ x }, attrs) => sort(x, attrs).indices,
  backward: notDifferentiable('its result is a position'),
});

/** The k-th smallest. */
export const kthvalue = defineComposite({
  name: 'kthvalue',
  exact: true,
  doc: 'The k-th smallest value along `dim` (k from 1), and where it was; NaN is the largest.',
  source: source('kthvalue'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['values', 'indices'],
  attrs: z.strictObject({ k: z.int(), dim: z.int().default(-1), keepdim: z.boolean().default(false) }),
  compose({ x }, { k, dim, keepdim }) {
    const at = normalizeDim('kthvalue', dim, x.rank);
    const n = x.shape[at] ?? 1;
    if (k < 1 || k > n) {
      const expected = `1 to ${n}, the size of dimension ${dim}`;
      throw new GradloomError({ code: 'argument', op: 'kthvalue', argument: 'k', got: String(k), expected });
    }
    const { values, indices } = sort(x, { dim });
    return { values: placed(values, at, k - 1, keepdim), indices: placed(indices, at, k - 1, keepdim) };
  },
});

type MedianOutputs = Record<'values' | 'indices' | 'y', Tensor>;

/** The value in the middle. */
export const median = defineComposite({
  name: 'median',
  doc: 'The value in the middle, the lower of two; NaN if there is one. Without `dim` of all elements, as `y`; along a `dim` as `values` with their `indices`.',
  source: source('median'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['values', 'indices', 'y'],
  attrs: z.strictObject({ dim: z.int().nullable().default(null), keepdim: z.boolean().default(false) }),
  compose({ x: given }, { dim, keepdim }) {
    const x = dim === null ? viewAs(given, [given.size]) : given;
    const at = normalizeDim('median', dim ?? 0, x.rank);
    requireElements('median', x, [at]);
    const k = Math.floor(((x.shape[at] ?? 1) + 1) / 2);
    const middle = kthvalue(x, { k, dim: at, keepdim });
    const values = orNaN(x, middle.values, at, keepdim);
    return (dim === null ? { y: viewAs(values, []) } : { ...middle, values }) as MedianOutputs;
  },
});

/** Quantiles. */
export const quantile = defineComposite({
  name: 'quantile',
  doc: 'The value at position q * (n - 1) of the sorted ones along `dim` (of all when null), between two as `interpolation` says; NaN if there is one. A list of q becomes the first dimension.',
  source: source('quantile'),
  inputs: ['x'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({
    q: z.union([z.number().min(0).max(1), z.array(z.number().min(0).max(1)).min(1)]),
    dim: z.int().nullable().default(null),
    keepdim: z.boolean().default(false),
    interpolation: z.enum(['linear', 'lower', 'higher', 'nearest', 'midpoint']).default('linear'),
  }),
  compose({ x: given }, { q, dim, keepdim, interpolation }) {
    const x = dim === null ? viewAs(given, [given.size]) : given;
    const at = normalizeDim('quantile', dim ?? 0, x.rank);
    requireElements('quantile', x, [at]);
    const { values } = sort(x, { dim: at });
    const one = (share: number) => {
      const position = share * ((x.shape[at] ?? 1) - 1);
      const [low, high] = [Math.floor(position), Math.ceil(position)];
      const toEven = position - low === 0.5 ? 2 * Math.round(position / 2) : Math.round(position);
      const weights = { linear: position - low, lower: 0, higher: 1, nearest: toEven - low, midpoint: 0.5 };
      const weight = low === high ? 0 : weights[interpolation];
      const [below, above] = [low, high].map((place) => placed(values, at, place, keepdim));
      const y =
        weight === 0 ? below : weight === 1 ? above : add(scale(below, 1 - weight), scale(above, weight));
      return orNaN(x, y, at, keepdim);
    };
    const shape = keepdim && dim === null ? given.shape.map(() => 1) : undefined;
    const shaped = (y: Tensor) => (shape ? viewAs(y, shape) : y);
    if (!Array.isArray(q)) return shaped(one(q));
    return cat(q.map((share) => unsqueeze(shaped(one(share)), { dim: 0 })));
  },
});

/** How many are not 0. */
export const countNonzero = defineComposite({
  name: 'countNonzero',
  doc: 'The number of elements over `dim` (all dims when null) that are not 0, as int32; NaN counts.',
  source: source('count_nonzero'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: dimAttrs.shape.dim }),
  compose: ({ x }, { dim }) => cast(sum(ne(x, 0), { dim }), { dtype: 'i32' }),
  backward: notDifferentiable('a count has no gradient'),
});

/** x with 0 for NaN. Its gradient is 0 times dy there: NaN, where the mean of a line of nothing but NaN has none. */
const nanToZero = defineInternal({
  name: 'nanToZero',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x.shape }),
  lower: ({ x, y }, _: undefined, k) =>
    k.dispatch(unaryForward.nanToZero, { x }, { y }, { n: y.size }, elementThreads(y.size, k.device)),
  backward: ({ x, dy }) => ({ x: mul(dy, logicalNot(isnan(x))) }),
});

const withoutNaN = (x: Tensor): Tensor => nanToZero({ x }, undefined).y;

/** Sum of what is not NaN. */
export const nansum = defineComposite({
  name: 'nansum',
  doc: 'Sum over `dim` of the elements that are not NaN.',
  source: source('nansum'),
  inputs: ['x'],
  outputs: ['y'],
  attrs: dimAttrs,
  compose: ({ x }, attrs) => sum(withoutNaN(x), attrs),
});

/** Mean of what is not NaN. */
export const nanmean = defineComposite({
  name: 'nanmean',
  doc: 'Mean over `dim` of the elements that are not NaN.',
  source: source('nanmean'),
  inputs: ['x'],
  outputs: ['y'],
  inFloat32: true,
  attrs: dimAttrs,
  compose: ({ x }, attrs) => div(sum(withoutNaN(x), attrs), sum(logicalNot(isnan(x)), attrs)),
});

/** Smallest and largest value. */
export const aminmax = defineComposite({
  name: 'aminmax',
  doc: 'amin and amax along `dim` (over all dims when null).',
  source: source('aminmax'),
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['min', 'max'],
  attrs: z.strictObject({ dim: z.int().nullable().default(null), keepdim: z.boolean().default(false) }),
  compose: ({ x }, attrs) => ({ min: amin(x, attrs), max: amax(x, attrs) }),
});

/** Variance and mean. */
export const varMean = defineComposite({
  name: 'varMean',
  doc: 'var and mean over `dim`.',
  source: source('var_mean'),
  inputs: ['x'],
  outputs: ['var', 'mean'],
  attrs: varianceAttrs,
  compose: ({ x }, attrs) => ({
    var: variance(x, attrs),
    mean: mean(x, { dim: attrs.dim, keepdim: attrs.keepdim }),
  }),
});

/** Standard deviation and mean. */
export const stdMean = defineComposite({
  name: 'stdMean',
  doc: 'std and mean over `dim`.',
  source: source('std_mean'),
  inputs: ['x'],
  outputs: ['std', 'mean'],
  attrs: varianceAttrs,
  compose: ({ x }, attrs) => ({
    std: std(x, attrs),
    mean: mean(x, { dim: attrs.dim, keepdim: attrs.keepdim }),
  }),
});
