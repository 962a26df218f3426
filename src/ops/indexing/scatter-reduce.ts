/** scatterReduce and indexReduce: sums, means, products and extremes at indices. */

import { formatShape } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, shapeError } from '../common';
import { div, maximum } from '../elementwise/binary';
import { cast } from '../elementwise/cast';
import { where } from '../elementwise/where';
import { withEntry } from '../layout/attrs';
import { expanded } from '../layout/repeat';
import { viewAs } from '../reduce/sum';
import { checkIndex } from './gather';
import { reduceAt, touched } from './reduce-at';
import { addInto, atLeast1d, usedPart } from './scatter';
import type { Indexing } from './take';

type Reduce = 'sum' | 'mean' | 'prod' | 'amax' | 'amin';

const IGNORED = 'An index out of range writes nothing.';

/** The reduction of x and the elements of src at the indices; src has the elements that `take` would give. */
export function reducedAt(
  inputs: Record<'x' | 'index' | 'src', Tensor>,
  indexing: Indexing,
  reduce: Reduce,
  includeSelf: boolean,
): Tensor {
  const { x, index, src } = inputs;
  if (reduce !== 'sum' && reduce !== 'mean') {
    const kind = ({ prod: 'prod', amax: 'max', amin: 'min' } as const)[reduce];
    return reduceAt(inputs, { ...indexing, kind, include: includeSelf, ties: 'share' }).y;
  }
  const start = includeSelf ? x : where(touched(x, index, src, indexing), 0, x);
  const sums = addInto({ x: start, index, src }, { ...indexing, alpha: 1 }).y;
  if (reduce === 'sum') return sums;
  const ones = expanded(x.graph.scalar(1), src.shape);
  const own = expanded(x.graph.scalar(Number(includeSelf)), x.shape);
  const counts = addInto({ x: own, index, src: ones }, { ...indexing, alpha: 1 }).y;
  return cast(div(sums, maximum(counts, 1)), { dtype: sums.dtype });
}

const DOC =
  'sum, prod, mean, amax or amin of them. Without includeSelf x counts only where nothing is written. The gradient of an ' +
  `extreme value is shared by equal ones. ${IGNORED}`;

/** Reductions at positions of their own. */
export const scatterReduce = defineComposite({
  name: 'scatterReduce',
  doc: `y[index[i, j, k], j, k] = reduction of x there and all such src[i, j, k] for dim 0, and so on: ${DOC}`,
  source: 'https://pytorch.org/docs/stable/generated/torch.scatter_reduce.html',
  inputs: ['x', 'index', 'src'],
  dtypes: { index: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({
    dim: z.int(),
    reduce: z.enum(['sum', 'prod', 'mean', 'amax', 'amin']),
    includeSelf: z.boolean().default(true),
  }),
  compose({ x, index, src }, { dim, reduce, includeSelf }) {
    const at = checkIndex('scatterReduce', x, index, dim);
    const used = usedPart('scatterReduce', src, index);
    const inputs = { x: atLeast1d(x), index: atLeast1d(index), src: atLeast1d(used) };
    return viewAs(reducedAt(inputs, { dim: at, shared: false }, reduce, includeSelf), x.shape);
  },
});

/** Reductions of whole positions of one dimension. */
export const indexReduce = defineComposite({
  name: 'indexReduce',
  doc: `Position index[p] of \`dim\` of y = reduction of that of x and all such positions p of source: ${DOC}`,
  source: 'https://pytorch.org/docs/stable/generated/torch.Tensor.index_reduce_.html',
  inputs: ['x', 'index', 'source'],
  dtypes: { index: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({
    dim: z.int(),
    reduce: z.enum(['prod', 'mean', 'amax', 'amin']),
    includeSelf: z.boolean().default(true),
  }),
  compose({ x, index, source }, { dim, reduce, includeSelf }) {
    const at = normalizeDim('indexReduce', dim, x.rank);
    if (index.rank > 1) throw shapeError('indexReduce', 'index', index, 'one dimension');
    const wide = atLeast1d(x);
    const expected = withEntry(wide.shape, at, index.size);
    if (atLeast1d(source).shape.join() !== expected.join()) {
      throw shapeError('indexReduce', 'source', source, `${formatShape(expected)}, one position per index`);
    }
    const inputs = { x: wide, index, src: atLeast1d(source) };
    return viewAs(reducedAt(inputs, { dim: at, shared: true }, reduce, includeSelf), x.shape);
  },
});
