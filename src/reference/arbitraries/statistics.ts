/** Random cases of statistics, counts and integrals, of replaced parts, sections and windows, and of ops that draw numbers. */
import fc from 'fast-check';
import type { InputSpec, OpCase } from '../types';
import {
  type Arbitraries,
  anyDim,
  casesOf,
  count,
  dimOf,
  distinct,
  indexOf,
  nonzero,
  oneOf,
  type ShapeOptions,
  shapes,
  size,
  uniform,
} from './common';

type Attrs = Record<string, unknown>;

/** Cases of x and a dim, with what else depends on its size. */
function along(
  make: (n: number, drawn: number, shape: number[], at: number) => Partial<OpCase> & { attrs?: Attrs },
  options: ShapeOptions = {},
) {
  return casesOf(
    { shape: shapes({ min: 1, max: 4, ...options }), dim: anyDim, drawn: fc.nat(10_000) },
    ({ shape, dim, drawn }): OpCase => {
      const at = indexOf(dim, shape.length);
      const { attrs, ...rest } = make(shape[at], drawn, shape, at);
      return { inputs: { x: distinct(shape) }, ...rest, attrs: { dim: dimOf(dim, shape.length), ...attrs } };
    },
  );
}

const keepdim = (drawn: number): Attrs => (drawn % 2 ? { keepdim: true } : {});
const sizes = (parts: number) => fc.array(size(9), { minLength: parts, maxLength: parts });
const constant = (shape: number[]): InputSpec => ({ shape, differentiable: false });
const withEntry = (shape: number[], at: number, n: number) => shape.map((m, d) => (d === at ? n : m));
const without = (shape: number[], at: number) => shape.filter((_, d) => d !== at);
const samples = (shape: number[]): InputSpec => ({
  ...{ shape, fill: 'uniform', range: [0.0137, 0.9871] },
  differentiable: false,
});

const sections = (dim: number) =>
  casesOf(
    { list: sizes(3), parts: count(3) },
    ({ list, parts }): OpCase => ({
      attrs: { indicesOrSections: parts },
      inputs: { x: list.map((n, d) => (d === dim ? n * parts : Math.min(n, 4))) },
    }),
  );

const integral = casesOf(
  { list: sizes(2), drawn: fc.nat(3) },
  ({ list: [rows, n], drawn }): OpCase => ({
    attrs: drawn === 0 ? { dx: 0.4 } : {},
    inputs: {
      values: [rows, n + 1],
      ...(drawn === 1 && { x: [n + 1] }),
      ...(drawn === 2 && { x: [rows, n + 1] }),
    },
  }),
);

/** Random cases of these families. */
export const statistics: Arbitraries = {
  msort: casesOf({ shape: shapes({ min: 1 }) }, ({ shape }): OpCase => ({ inputs: { x: distinct(shape) } })),
  heaviside: casesOf(
    { shape: shapes({ min: 1 }) },
    ({ shape }): OpCase => ({
      inputs: { x: { shape, fill: 'integer', range: [-1, 2] }, values: shape.slice(-1) },
      gradient: false,
    }),
  ),
  mode: along((_, drawn, shape) => ({
    attrs: keepdim(drawn),
    inputs: { x: { shape, fill: 'integer', range: [-2, 1 + (drawn % 5)] } },
    gradient: false,
  })),
  nanmedian: along((_, drawn) => ({ attrs: keepdim(drawn) })),
  nanquantile: along((_, drawn) => ({ attrs: { q: (drawn % 1000) / 1000, ...keepdim(drawn) } })),
  cov: casesOf({ list: sizes(2) }, ({ list: [n, m] }): OpCase => ({ inputs: { x: [n, m + 1] } })),
  corrcoef: casesOf(
    { list: sizes(2) },
    ({ list: [n, m] }): OpCase => ({ inputs: { x: [n, m + 2] }, gradient: false }),
  ),
  bincount: casesOf(
    { n: size(300), bins: count(20) },
    ({ n, bins }): OpCase => ({
      attrs: { minlength: bins },
      inputs: { x: { shape: [n], dtype: 'i32', range: [0, bins] } },
      gradient: false,
    }),
  ),
  histc: casesOf(
    { shape: shapes({ min: 1 }), bins: count(20) },
    ({ shape, bins }): OpCase => ({
      attrs: { bins, min: -1.0371, max: 2.0913 },
      inputs: { x: shape },
      gradient: false,
    }),
  ),
  trapezoid: integral,
  cumulativeTrapezoid: integral,
  renorm: along(
    (_, drawn, shape) => ({
      attrs: { p: 1 + (drawn % 3), maxnorm: 0.5 + (drawn % 7) },
      inputs: { x: nonzero(shape) },
    }),
    { min: 2 },
  ),
  vander: casesOf(
    { n: size(20), N: count(6), increasing: fc.boolean() },
    ({ n, N, increasing }): OpCase => ({ attrs: { N, increasing }, inputs: { x: uniform(-1.5, 1.5, [n]) } }),
  ),
  selectScatter: along((n, drawn, shape, at) => ({
    attrs: { index: (drawn % (2 * n)) - n },
    inputs: { x: shape, src: without(shape, at) },
  })),
  sliceScatter: along((n, drawn, shape, at) => {
    const [start, step] = [drawn % n, 1 + (drawn % 3)];
    const length = Math.ceil((n - start) / step);
    return { attrs: { start, step }, inputs: { x: shape, src: withEntry(shape, at, length) } };
  }),
  diagonalScatter: casesOf(
    { list: sizes(3), offset: oneOf(0, 1, -1) },
    ({ list: [a, b, c], offset }): OpCase => ({
      attrs: { offset, dim1: 1, dim2: -1 },
      inputs: {
        x: [a, b + 1, c + 1],
        src: [a, Math.min(b + 1 - Math.max(-offset, 0), c + 1 - Math.max(offset, 0))],
      },
    }),
  ),
  hsplit: sections(1),
  vsplit: sections(0),
  dsplit: sections(2),
  fliplr: casesOf({ shape: shapes({ min: 2 }) }, ({ shape }): OpCase => ({ inputs: { x: shape } })),
  flipud: casesOf({ shape: shapes({ min: 1 }) }, ({ shape }): OpCase => ({ inputs: { x: shape } })),
  expandAs: casesOf(
    { shape: shapes({ min: 1, max: 4 }), at: fc.nat(3) },
    ({ shape, at }): OpCase => ({
      inputs: { x: withEntry(shape, at % shape.length, 1), other: constant(shape) },
    }),
  ),
  reshapeAs: casesOf(
    { shape: shapes({ min: 1 }) },
    ({ shape }): OpCase => ({ inputs: { x: shape, other: constant(shape.toReversed()) } }),
  ),
  unfoldDim: along((n, drawn) => ({ attrs: { size: 1 + (drawn % n), step: 1 + (drawn % 3) } })),
  gumbelSoftmax: along((_, drawn, shape) => ({
    attrs: { tau: 0.5 + (drawn % 3) },
    inputs: { x: shape, randomSamples: samples(shape) },
  })),
  rrelu: casesOf(
    { shape: shapes() },
    ({ shape }): OpCase => ({
      training: true,
      inputs: { x: nonzero(shape), randomSamples: samples(shape) },
    }),
  ),
};
