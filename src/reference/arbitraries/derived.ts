/** Random cases of the ops that the library writes with others. */
import fc from 'fast-check';
import type { InputSpec, OpCase } from '../types';
import {
  type Arbitraries,
  anyDim,
  broadcastShapes,
  casesOf,
  count,
  dimOf,
  distinct,
  fillOf,
  indexOf,
  nonzero,
  oneOf,
  type ShapeOptions,
  shapes,
  size,
  uniform,
} from './common';

type Fill = (shape: number[]) => InputSpec;
type Attrs = Record<string, unknown>;

const plain: Fill = (shape) => shape;
const positive: Fill = (shape) => uniform(-1, 2, shape);

/** Cases of x alone with attributes that do not depend on its shape. */
function ofX(fill: Fill, options: ShapeOptions = {}, attrs: fc.Arbitrary<Attrs> = fc.constant({})) {
  return casesOf(
    { shape: shapes(options), attrs },
    ({ shape, attrs }): OpCase => ({ attrs, inputs: { x: fill(shape) } }),
  );
}

/** Cases of tensors that broadcast. */
function broadcast(names: string[], fill: Fill = plain, attrs: fc.Arbitrary<Attrs> = fc.constant({})) {
  return casesOf(
    { list: broadcastShapes(names.length), attrs },
    ({ list, attrs }): OpCase => ({
      attrs,
      inputs: Object.fromEntries(names.map((name, i) => [name, fill(list[i])])),
    }),
  );
}

/** Cases of x along a dim, with what else depends on the size of it. */
function along(
  fill: Fill,
  more: (n: number, drawn: number) => Attrs = () => ({}),
  options: ShapeOptions = {},
) {
  return casesOf(
    { shape: shapes({ min: 1, max: 4, ...options }), dim: anyDim, drawn: fc.nat(1000) },
    ({ shape, dim, drawn }): OpCase => ({
      attrs: { dim: dimOf(dim, shape.length), ...more(shape[indexOf(dim, shape.length)], drawn) },
      inputs: { x: fill(shape) },
    }),
  );
}

const withoutGradient = (cases: fc.Arbitrary<OpCase>) =>
  cases.map((c): OpCase => ({ ...c, gradient: false }));
const keepdim = (drawn: number): Attrs => (drawn % 2 ? { keepdim: true } : {});
const digits: Fill = (shape) => ({ shape, fill: 'integer', range: [-1, 2] });
const value = fc.record({ value: oneOf(1, -0.5, 2) }, { requiredKeys: [] });
const sizes = (parts: number) => fc.array(size(9), { minLength: parts, maxLength: parts });

/** Tensors of one shape but for the dim along which they are joined. */
const joined = (rows: boolean) =>
  casesOf(
    { shape: sizes(2), vectors: fc.boolean(), lengths: fc.array(size(5), { minLength: 1, maxLength: 3 }) },
    (drawn) => {
      const { shape, vectors, lengths } = drawn;
      const part = (n: number) => (rows ? [n, shape[1]] : [shape[0], n]);
      const vector = (n: number) => [rows ? shape[0] : n];
      return { inputs: { tensors: lengths.map((n) => (vectors ? vector(n) : part(n))) } } as OpCase;
    },
  );

const moments = along(positive, (_, drawn) => ({
  ...keepdim(drawn),
  correction: drawn % 3 === 0 ? 0 : 1,
})).filter(({ attrs, inputs }) => {
  const shape = (inputs.x as { shape: number[] }).shape;
  return (shape.at(attrs!.dim as number) ?? 1) > 1;
});

/** Random cases of these families. */
export const derived: Arbitraries = {
  log10: ofX((shape) => fillOf('log10')(shape)),
  exp2: ofX(plain),
  frac: ofX((shape) => fillOf('frac')(shape)),
  atanh: ofX((shape) => uniform(-0.9, 0.9, shape)),
  isfinite: withoutGradient(ofX(plain)),
  logit: ofX((shape) => uniform(0.05, 0.95, shape)),
  nanToNum: ofX(plain),
  hypot: broadcast(['x', 'other'], nonzero),
  logaddexp: broadcast(['x', 'other']),
  floorDivide: withoutGradient(broadcast(['x', 'other'], nonzero)),
  lerp: broadcast(['x', 'end', 'weight']),
  addcmul: broadcast(['x', 'tensor1', 'tensor2'], plain, value),
  addcdiv: broadcast(['x', 'tensor1', 'tensor2'], nonzero, value),
  argsort: withoutGradient(along(distinct, (_, drawn) => ({ descending: drawn % 2 === 1 }))),
  kthvalue: along(distinct, (n, drawn) => ({ k: 1 + (drawn % n), ...keepdim(drawn) })),
  median: along(distinct, (_, drawn) => keepdim(drawn)),
  quantile: along(distinct, (_, drawn) => ({ q: drawn / 1000, ...keepdim(drawn) })),
  countNonzero: withoutGradient(along(digits)),
  nansum: along(positive, (_, drawn) => keepdim(drawn)),
  nanmean: along(positive, (_, drawn) => keepdim(drawn)),
  varMean: moments,
  stdMean: moments,
  diagEmbed: ofX(plain, { min: 1, max: 3, most: 60 }, fc.record({ offset: oneOf(0, 1, -2) })),
  diag: ofX(plain, { min: 1, max: 1, most: 20 }, fc.record({ diagonal: oneOf(0, 1, -2) })),
  trace: ofX(positive, { min: 2, max: 2 }),
  t: ofX(plain, { max: 2 }),
  rot90: ofX(plain, { min: 2 }, fc.record({ k: oneOf(-1, 1, 2, 3, 4) })),
  unbind: along(plain, undefined, { most: 60 }),
  tensorSplit: along(plain, (_, drawn) => ({ indicesOrSections: 1 + (drawn % 4) })),
  hstack: joined(false),
  vstack: joined(true),
  meshgrid: casesOf(
    { list: sizes(3), indexing: oneOf('ij', 'xy') },
    ({ list, indexing }): OpCase => ({ attrs: { indexing }, inputs: { tensors: list.map((n) => [n]) } }),
  ),
  diff: along(plain).filter(({ attrs, inputs }) => (inputs.x as number[]).at(attrs!.dim as number)! > 1),
  channelShuffle: casesOf(
    { groups: count(4), list: sizes(4) },
    ({ groups, list: [batch, channels, ...rest] }): OpCase => ({
      attrs: { groups },
      inputs: { x: [batch, channels * groups, ...rest.map((n) => Math.min(n, 3))] },
    }),
  ),
  mv: casesOf({ list: sizes(2) }, ({ list: [n, m] }): OpCase => ({ inputs: { x: [n, m], vec: [m] } })),
  inner: casesOf(
    { list: sizes(4) },
    ({ list: [a, b, c, k] }): OpCase => ({ inputs: { x: [a, b, k], other: [c, k] } }),
  ),
  tensordot: casesOf(
    { list: sizes(4), dims: oneOf(0, 1, 2) },
    ({ list: [n, a, b, m], dims }): OpCase => ({
      attrs: { dims },
      inputs: {
        a: [n, a, b].map((s) => Math.min(s, 4)),
        b: [
          [n, m],
          [b, m],
          [a, b, m],
        ][dims].map((s) => Math.min(s, 4)),
      },
    }),
  ),
  cross: casesOf(
    { list: sizes(2) },
    ({ list: [a, b] }): OpCase => ({
      attrs: { dim: 1 },
      inputs: { x: [a, 3, b], other: [1, 3, b] },
    }),
  ),
  cdist: casesOf(
    { list: sizes(3), p: oneOf(1, 2, 3) },
    ({ list: [n, m, k], p }): OpCase => ({
      attrs: { p },
      inputs: { x1: [2, n, k], x2: [m, k] },
    }),
  ),
};
