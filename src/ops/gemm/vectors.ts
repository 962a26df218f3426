/** Products that are written with others: of vectors, over chosen dims, and distances of all pairs. */
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { broadcastShapes, noAttrs, normalizeDim, shapeError } from '../common';
import { mul, sub } from '../elementwise';
import { toDims } from '../layout/attrs';
import { permuted, roll } from '../layout/permute';
import { expanded } from '../layout/repeat';
import { unsqueeze } from '../layout/views';
import { norm, power } from '../reduce/norm';
import { viewAs } from '../reduce/sum';
import { batchedMatmul } from './batched-matmul';

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

/** A matrix times a vector. */
export const mv = defineComposite({
  name: 'mv',
  doc: 'y = x vec for x [n, m] and vec [m].',
  source: source('mv'),
  inputs: ['x', 'vec'],
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, vec }) {
    if (x.rank !== 2) throw shapeError('mv', 'x', x, 'two dimensions');
    const [rows, columns] = x.shape;
    if (vec.shape.join() !== String(columns)) throw shapeError('mv', 'vec', vec, `[${columns}]`);
    return viewAs(batchedMatmul(x, viewAs(vec, [columns, 1]), { op: 'mv' }), [rows]);
  },
});

/** The contraction over pairs of dims. */
function contracted(op: string, a: Tensor, b: Tensor, dimsA: readonly number[], dimsB: readonly number[]) {
  const shared = dimsA.map((d) => a.shape[d]);
  if (shared.join() !== dimsB.map((d) => b.shape[d]).join()) {
    throw shapeError(op, 'b', b, `sizes [${shared}] in dims [${dimsB}], as a has in [${dimsA}]`);
  }
  const free = (x: Tensor, dims: readonly number[]) =>
    x.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const [freeA, freeB] = [free(a, dimsA), free(b, dimsB)];
  const sizes = (x: Tensor, dims: readonly number[]) => dims.map((d) => x.shape[d]);
  const left = viewAs(permuted(a, [...freeA, ...dimsA]), [sizeOf(sizes(a, freeA)), sizeOf(shared)]);
  const right = viewAs(permuted(b, [...dimsB, ...freeB]), [sizeOf(shared), sizeOf(sizes(b, freeB))]);
  return viewAs(batchedMatmul(left, right, { op }), [...sizes(a, freeA), ...sizes(b, freeB)]);
}

/** Products summed over the last dims. */
export const inner = defineComposite({
  name: 'inner',
  doc: 'y[i.., j..] = sum over k of x[i.., k] other[j.., k].',
  source: source('inner'),
  inputs: ['x', 'other'],
  outputs: ['y'],
  attrs: noAttrs,
  compose: ({ x, other }) =>
    x.rank === 0 || other.rank === 0
      ? mul(x, other)
      : contracted('inner', x, other, [x.rank - 1], [other.rank - 1]),
});

/** Products summed over chosen dims. */
export const tensordot = defineComposite({
  name: 'tensordot',
  doc: 'The products of a and b summed over pairs of dims: the last `dims` of a with the first of b, or those listed for each.',
  source: source('tensordot'),
  inputs: ['a', 'b'],
  outputs: ['y'],
  attrs: z.strictObject({
    dims: z.union([z.int().min(0), z.tuple([z.array(z.int()), z.array(z.int())])]).default(2),
  }),
  compose({ a, b }, { dims }) {
    if (typeof dims !== 'number') {
      return contracted(
        'tensordot',
        a,
        b,
        toDims('tensordot', dims[0], a.rank),
        toDims('tensordot', dims[1], b.rank),
      );
    }
    if (dims > Math.min(a.rank, b.rank))
      throw shapeError('tensordot', 'a', a, `at least ${dims} dimensions, as b`);
    const count = Array.from({ length: dims }, (_, i) => i);
    return contracted(
      'tensordot',
      a,
      b,
      count.map((i) => a.rank - dims + i),
      count,
    );
  },
});

/** The vector at right angles to two. */
export const cross = defineComposite({
  name: 'cross',
  doc: 'The cross product along `dim`, which has size 3 (the first such dim when null); x and other broadcast.',
  source: source('cross'),
  inputs: ['x', 'other'],
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int().nullable().default(null) }),
  compose({ x, other }, { dim }) {
    const shape = broadcastShapes('cross', x.shape, other.shape);
    const dims = dim === null ? shape.indexOf(3) : normalizeDim('cross', dim, shape.length);
    if (shape[dims] !== 3) throw shapeError('cross', 'x', x, 'a dimension of size 3');
    const [a, b] = [x, other].map((v) => expanded(v, shape));
    const turned = (v: Tensor, shifts: number) => roll(v, { shifts, dims });
    return sub(mul(turned(a, -1), turned(b, -2)), mul(turned(a, -2), turned(b, -1)));
  },
});

/** Distances of all pairs. */
export const cdist = defineComposite({
  name: 'cdist',
  doc: 'The p-norm of x1[.., i, :] - x2[.., j, :] for all i and j; the dims before broadcast.',
  source: source('cdist'),
  inputs: ['x1', 'x2'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({ p: power }),
  compose({ x1, x2 }, { p }) {
    for (const [name, x] of Object.entries({ x1, x2 })) {
      if (x.rank < 2) throw shapeError('cdist', name, x, 'at least two dimensions');
    }
    if (x1.shape.at(-1) !== x2.shape.at(-1)) throw shapeError('cdist', 'x2', x2, `[.., ${x1.shape.at(-1)}]`);
    return norm(sub(unsqueeze(x1, { dim: -2 }), unsqueeze(x2, { dim: -3 })), { p, dim: -1 });
  },
});
