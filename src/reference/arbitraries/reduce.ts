/** Random cases of softmax, of reductions over dims, of running sums and of the ops that order values. */
import fc from 'fast-check';
import type { InputSpec, OpCase } from '../types';
import {
  type AnyDim,
  type Arbitraries,
  anyDim,
  anyOrder,
  casesOf,
  dimOf,
  distinct,
  indexOf,
  nonzero,
  oneOf,
  orderOf,
  type ShapeOptions,
  shapes,
  uniform,
} from './common';

type Fill = (shape: number[]) => InputSpec;
/** The mean is not 0, which would leave the error of a sum nothing to be relative to. */
const ordinary: Fill = (shape) => uniform(-1, 2, shape);
const nearOne: Fill = (shape) => uniform(0.8, 1.25, shape);

interface Dims {
  dim?: number | number[] | null;
  keepdim?: boolean;
}

/** Which dims to reduce, for any rank. */
const anyDims = fc.record({
  how: oneOf('default', 'all', 'one', 'one', 'several'),
  one: anyDim,
  order: anyOrder,
  several: fc.nat(4),
  negative: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  keepdim: fc.boolean(),
});
type AnyDims = typeof anyDims extends fc.Arbitrary<infer T> ? T : never;

function dimsOf({ how, one, order, several, negative, keepdim }: AnyDims, rank: number, many: boolean): Dims {
  if (how === 'default') return {};
  if (how === 'all') return many ? { dim: null, keepdim } : {};
  if (how === 'one' || !many || rank === 0) return { dim: dimOf(one, rank), keepdim };
  const chosen = orderOf(order, rank).slice(0, 1 + (several % rank));
  return { dim: chosen.map((d, i) => (negative[i] ? d - rank : d)), keepdim };
}

interface Options extends ShapeOptions {
  fill?: Fill;
  /** Over several dims at once too. */
  many?: boolean;
  gradient?: false;
  attrs?: fc.Arbitrary<Record<string, unknown>>;
}

/** Cases of a reduction over everything, one dim or several. */
function reduction({
  fill = ordinary,
  many = true,
  gradient,
  attrs = fc.constant({}),
  ...options
}: Options = {}) {
  return casesOf({ shape: shapes(options), dims: anyDims, attrs }, ({ shape, dims, attrs }): OpCase => {
    const all = { ...attrs, ...dimsOf(dims, shape.length, many) };
    return { attrs: all, inputs: { x: fill(shape) }, ...(gradient === false ? { gradient } : {}) };
  });
}

/** Cases of an op along one dim. */
function along(fill: Fill, attrs: fc.Arbitrary<Record<string, unknown>> = fc.constant({})) {
  return casesOf(
    { shape: shapes(), dim: anyDim, attrs },
    ({ shape, dim, attrs }): OpCase => ({
      attrs: { ...attrs, dim: dimOf(dim, shape.length) },
      inputs: { x: fill(shape) },
    }),
  );
}

const plain: Fill = (shape) => shape;

/** At least two values wherever the reduction goes, so that there is a variance. */
const variance = casesOf(
  { shape: shapes({ min: 1, max: 4 }), dims: anyDims, correction: oneOf(undefined, 0, 1) },
  ({ shape, dims, correction }): OpCase => ({
    attrs: { ...(correction === undefined ? {} : { correction }), ...dimsOf(dims, shape.length, true) },
    inputs: { x: shape.map((n) => n + 2) },
  }),
);

const norm = casesOf(
  { shape: shapes(), dims: anyDims, p: oneOf<number | string>(2, 1, 3, 0.5, 0, 'inf', '-inf') },
  ({ shape, dims, p }): OpCase => ({
    attrs: { p, ...dimsOf(dims, shape.length, true) },
    inputs: {
      x: typeof p === 'string' ? { shape, fill: 'distinct', range: [0.5, 3] } : nonzero(shape),
    },
  }),
);

const topk = casesOf(
  { shape: shapes(), dim: anyDim, share: fc.nat(), largest: fc.boolean() },
  ({ shape, dim, share, largest }): OpCase => {
    const length = shape.length === 0 ? 1 : shape[indexOf(dim as AnyDim, shape.length)];
    const k = 1 + (share % length);
    return { attrs: { k, dim: dimOf(dim, shape.length), largest }, inputs: { x: distinct(shape) } };
  },
);

const extreme = reduction({ fill: distinct, many: false });
const position = reduction({ fill: distinct, many: false, gradient: false });
const truth = (one: number) =>
  reduction({
    fill: (shape) => ({ shape, fill: 'integer', range: one ? [0, 2] : [-1, 1] }),
    gradient: false,
  });

/** Random cases of these families. */
export const reduce: Arbitraries = {
  softmax: along(plain),
  softmin: along(plain),
  logSoftmax: along(plain),
  sum: reduction({ empty: true }),
  mean: reduction(),
  prod: reduction({ fill: nearOne, many: false }),
  amax: reduction({ fill: distinct }),
  amin: reduction({ fill: distinct }),
  var: variance,
  std: variance,
  logsumexp: reduction(),
  norm,
  all: truth(1),
  any: truth(0),
  max: extreme,
  min: extreme,
  argmax: position,
  argmin: position,
  topk,
  sort: along(distinct, fc.record({ descending: fc.boolean() })),
  cumsum: along(ordinary),
  cumprod: along(nearOne),
  cummax: along(distinct),
  cummin: along(distinct),
  logcumsumexp: along(plain),
  aminmax: extreme,
};
