/** Random cases of the matrix and vector products: odd sizes, transposes, batches that broadcast. */
import fc from 'fast-check';
import type { InputSpec, OpCase } from '../types';
import { type Arbitraries, broadcastShapes, casesOf, limited, oneOf, shapes, size } from './common';

/** The sizes of a product [m, k] x [k, n]. */
const mkn = fc.tuple(size(), size(), size()).map((sizes) => limited(sizes, 12_000));
const batches = shapes({ max: 1, most: 4 }).map((dims) => dims[0] ?? 2);

/** Operands are vectors, matrices, or batches of them; transposes as flags or not. */
const matmul = casesOf(
  {
    sizes: mkn,
    batch: broadcastShapes(2, { max: 3, most: 6 }),
    vectors: oneOf('none', 'none', 'none', 'x', 'other', 'both'),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
  },
  ({ sizes: [m, k, n], batch: [a, b], vectors, transposeA, transposeB }): OpCase => {
    const [xVector, otherVector] = [['x', 'both'].includes(vectors), ['other', 'both'].includes(vectors)];
    const attrs: Record<string, boolean> = {};
    if (transposeA && !xVector) attrs.transposeA = true;
    if (transposeB && !otherVector) attrs.transposeB = true;
    const x = xVector ? [k] : [...a, ...(attrs.transposeA ? [k, m] : [m, k])];
    const other = otherVector ? [k] : [...b, ...(attrs.transposeB ? [n, k] : [k, n])];
    return { attrs, inputs: { x, other } };
  },
);

const linear = casesOf(
  { sizes: mkn, leading: shapes({ max: 3, most: 4 }), vector: oneOf(false, false, true), bias: fc.boolean() },
  ({ sizes: [m, k, n], leading, vector, bias }): OpCase => ({
    inputs: {
      x: vector ? [k] : [...leading, m, k],
      weight: [n, k],
      ...(bias ? { bias: [n] } : {}),
    },
  }),
);

/** What `addmm` and `baddbmm` add: any shape that broadcasts to the product. */
const added = oneOf<(m: number, n: number) => number[]>(
  (m, n) => [m, n],
  (_, n) => [n],
  (_, n) => [1, n],
  (m) => [m, 1],
  () => [1],
  () => [],
);
const scales = { alpha: oneOf(1, -2, 0.25, 0), beta: oneOf(1, 0.5, -3, 0) };

const addmm = casesOf(
  { sizes: mkn, added, ...scales },
  ({ sizes: [m, k, n], added, alpha, beta }): OpCase => ({
    attrs: { alpha, beta },
    inputs: { x: added(m, n), mat1: [m, k], mat2: [k, n] },
  }),
);

const baddbmm = casesOf(
  { sizes: mkn, batch: batches, whole: fc.boolean(), added, ...scales },
  ({ sizes: [m, k, n], batch, whole, added, alpha, beta }): OpCase => ({
    attrs: { alpha, beta },
    inputs: { x: whole ? [batch, m, n] : added(m, n), batch1: [batch, m, k], batch2: [batch, k, n] },
  }),
);

const EQUATIONS = [
  ...[
    'ij,jk->ik',
    'ji,jk->ki',
    'bij,bjk->bik',
    'bij,kj->ibk',
    'bhid,bhjd->bhij',
    'ijk->kij',
    'ij->j',
    'ij->',
  ],
  ...['i,j->ji', 'ij,ij->ij', 'ij,ji->', 'ij,j', 'ii->i', 'ii', 'abc,cd->abd'],
];

/** Equations of one and two operands; every letter has a size. */
const einsum = casesOf(
  { equation: oneOf(...EQUATIONS), sizes: fc.array(size(11), { minLength: 12, maxLength: 12 }) },
  ({ equation, sizes }): OpCase => {
    const letters = [...new Set(equation.replace(/[^a-z]/g, ''))];
    const sized = limited(
      letters.map((_, i) => sizes[i]),
      2000,
    );
    const tensors = equation.split('->')[0].split(',');
    return {
      attrs: { equation },
      inputs: {
        tensors: tensors.map((text) => Array.from(text, (letter) => sized[letters.indexOf(letter)])),
      },
    };
  },
);

const bilinear = casesOf(
  {
    leading: shapes({ max: 2, most: 6 }),
    sizes: fc.tuple(size(9), size(9), size(9)),
    bias: fc.boolean(),
  },
  ({ leading, sizes: [in1, in2, out], bias }): OpCase => {
    const inputs: Record<string, InputSpec> = {
      x1: [...leading, in1],
      x2: [...leading, in2],
      weight: [out, in1, in2],
    };
    return { inputs: bias ? { ...inputs, bias: [out] } : inputs };
  },
);

/** Random cases of this family. */
export const products: Arbitraries = {
  matmul,
  linear,
  mm: casesOf({ sizes: mkn }, ({ sizes: [m, k, n] }): OpCase => ({ inputs: { x: [m, k], other: [k, n] } })),
  bmm: casesOf(
    { sizes: mkn, batch: batches },
    ({ sizes: [m, k, n], batch }): OpCase => ({ inputs: { x: [batch, m, k], other: [batch, k, n] } }),
  ),
  addmm,
  baddbmm,
  einsum,
  // Away from 0, so that the product does not cancel.
  dot: casesOf({ n: size(300) }, ({ n }): OpCase => {
    const positive = { shape: [n], fill: 'uniform', range: [0.2, 2] } as InputSpec;
    return { inputs: { x: positive, other: positive } };
  }),
  outer: casesOf({ m: size(), n: size() }, ({ m, n }): OpCase => ({ inputs: { x: [m], other: [n] } })),
  bilinear,
};
