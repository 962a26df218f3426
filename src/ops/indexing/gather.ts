/** Ops that take elements at indices: gather, indexSelect, takeAlongDim, take. */
import { formatShape } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { broadcastShapes, noAttrs, normalizeDim, shapeError } from '../common';
import { add, lt } from '../elementwise/binary';
import { where } from '../elementwise/where';
import { withEntry } from '../layout/attrs';
import { expanded } from '../layout/repeat';
import { viewAs } from '../reduce/sum';
import { take as takeAt } from './take';

const torch = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

/** PyTorch's gradients may be sparse tensors; ours are dense, which are the same values. */
export const sparse = z.boolean().default(false);

/** Documentation of indices out of range. */
export const OUT_OF_RANGE = 'An index out of range gives NaN (in int32 tensors the least number).';

/**
 * Checks that index has the rank of x and is not longer except along `dim`.
 * @returns the dimension counted from 0.
 */
export function checkIndex(op: string, x: Tensor, index: Tensor, dim: number): number {
  const at = normalizeDim(op, dim, x.rank);
  const [a, b] = [x.rank === 0 ? [1] : x.shape, index.rank === 0 ? [1] : index.shape];
  if (a.length !== b.length || b.some((n, d) => d !== at && n > a[d])) {
    throw shapeError(
      op,
      'index',
      index,
      `as many dimensions as x ${formatShape(x.shape)} has, none but dimension ${dim} longer than in x`,
    );
  }
  return at;
}

function gathered(x: Tensor, index: Tensor, dim: number): Tensor {
  if (x.rank > 0 && index.rank > 0) return takeAt({ x, index }, { dim, shared: false, shape: index.shape }).y;
  const [source, positions] = [viewAs(x, x.rank === 0 ? [1] : x.shape), viewAs(index, [index.size])];
  return viewAs(gathered(source, positions, dim), index.shape);
}

/** Elements of x at positions of their own. */
export const gather = defineComposite({
  name: 'gather',
  exact: true,
  doc: `y[i, j, k] = x[index[i, j, k], j, k] for dim 0, and so on for other dims. ${OUT_OF_RANGE}`,
  source: torch('gather'),
  inputs: ['x', 'index'],
  dtypes: { x: 'any', index: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int(), sparseGrad: sparse }),
  compose: ({ x, index }, { dim }) => gathered(x, index, checkIndex('gather', x, index, dim)),
});

/** Whole positions of one dimension. */
export const indexSelect = defineComposite({
  name: 'indexSelect',
  exact: true,
  doc: `The positions \`index\` of \`dim\`, in that order. ${OUT_OF_RANGE}`,
  source: torch('index_select'),
  inputs: ['x', 'index'],
  dtypes: { x: 'any', index: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int() }),
  compose({ x, index }, { dim }) {
    const at = normalizeDim('indexSelect', dim, x.rank);
    if (index.rank > 1) throw shapeError('indexSelect', 'index', index, 'one dimension');
    if (x.rank > 0) {
      return takeAt({ x, index }, { dim: at, shared: true, shape: withEntry(x.shape, at, index.size) }).y;
    }
    if (index.size !== 1) throw shapeError('indexSelect', 'index', index, 'a single index for a 0-d tensor');
    return viewAs(takeAt({ x: viewAs(x, [1]), index }, { dim: 0, shared: true, shape: [1] }).y, []);
  },
});

/** gather with broadcasting. */
export const takeAlongDim = defineComposite({
  name: 'takeAlongDim',
  exact: true,
  doc: `gather with x and index broadcast against each other except in \`dim\`; without dim on all elements in a row. ${OUT_OF_RANGE}`,
  source: torch('take_along_dim'),
  inputs: ['x', 'index'],
  inputAliases: { indices: 'index' },
  dtypes: { x: 'any', index: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int().nullable().default(null) }),
  compose({ x, index }, { dim }) {
    if (dim === null) return gathered(viewAs(x, [x.size]), viewAs(index, [index.size]), 0);
    const at = normalizeDim('takeAlongDim', dim, x.rank);
    if (x.rank !== index.rank)
      throw shapeError('takeAlongDim', 'index', index, `as many dimensions as x has, ${x.rank}`);
    const common = broadcastShapes('takeAlongDim', withEntry(x.shape, at, 1), withEntry(index.shape, at, 1), [
      'x',
      'index',
    ]);
    const wide = (tensor: Tensor) => expanded(tensor, withEntry(common, at, tensor.shape[at]));
    return gathered(wide(x), wide(index), at);
  },
});

/** Elements by their position in memory. */
export const take = defineComposite({
  name: 'take',
  exact: true,
  doc: `y = the elements of x, all in a row, at \`index\`, of which negative ones count from the end. ${OUT_OF_RANGE}`,
  source: torch('take'),
  inputs: ['x', 'index'],
  dtypes: { x: 'any', index: 'i32' },
  outputs: ['y'],
  attrs: noAttrs,
  compose({ x, index }) {
    const places = where(lt(index, 0), add(index, x.size), index);
    return viewAs(gathered(viewAs(x, [x.size]), viewAs(places, [index.size]), 0), index.shape);
  },
});
