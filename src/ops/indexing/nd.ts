/** gatherNd and scatterNd: slices at indices that name the first dimensions, as in ONNX and TensorFlow. */
import indexFlatten from '../../../shaders/indexing/index.flatten.wgsl';
import { formatShape, GradloomError } from '../../errors';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal } from '../../graph/ir/op';
import * as z from '../../schema';
import { elementThreads, MAX_RANK, shapeError, stridesOf } from '../common';
import { expanded } from '../layout/repeat';
import { viewAs } from '../reduce/sum';
import { addInto, replaceAt } from './scatter';
import { reducedAt } from './scatter-reduce';
import { take } from './take';

/** Indices [..., rank] of the dimensions `sizes` of x as places in a row; -1 for those out of range. */
const flattened = defineInternal({
  name: 'flattenIndex',
  inputs: ['index'],
  outputs: ['flat'],
  shape: ({ index }, _: { sizes: Shape; batch: number }) => ({
    flat: { shape: [sizeOf(index.shape.slice(0, -1))], dtype: 'i32' },
  }),
  lower({ index, flat }, { sizes, batch }, k) {
    const strides = stridesOf(sizes);
    const dims = sizes.flatMap((size, d) => [size, strides[d], 0, 0]);
    const perBatch = Math.max(1, flat.size / Math.max(1, batch));
    const params = { n: flat.size, rank: sizes.length, per_batch: perBatch, batch_stride: sizeOf(sizes) };
    const groups = elementThreads(flat.size, k.device);
    k.dispatch(indexFlatten, { index }, { flat }, { ...params, dims }, groups);
  },
});

/** Slices of x that an index [..., rank] selects: rows of `inner` elements each. */
function addressed(op: string, x: Tensor, index: Tensor, batchDims: number) {
  const rank = index.shape.at(-1) ?? 0;
  const fits =
    index.rank > batchDims &&
    rank >= 1 &&
    batchDims + rank <= x.rank &&
    index.shape.slice(0, batchDims).join() === x.shape.slice(0, batchDims).join();
  if (!fits) {
    throw shapeError(
      op,
      'index',
      index,
      batchDims === 0
        ? `[..., k] with k from 1 to ${x.rank}, the rank of x ${formatShape(x.shape)}`
        : `[${x.shape.slice(0, batchDims)}, ..., k] with k from 1 to ${x.rank - batchDims} for x ${formatShape(x.shape)}`,
    );
  }
  if (rank > MAX_RANK) throw shapeError(op, 'index', index, `at most ${MAX_RANK} numbers per index`);
  const [batch, sizes, rest] = [
    x.shape.slice(0, batchDims),
    x.shape.slice(batchDims, batchDims + rank),
    x.shape.slice(batchDims + rank),
  ];
  const { flat } = flattened({ index }, { sizes, batch: sizeOf(batch) });
  const rows = viewAs(x, [sizeOf(batch) * sizeOf(sizes), sizeOf(rest)]);
  return { flat, rows, inner: sizeOf(rest), shape: [...index.shape.slice(0, -1), ...rest] };
}

/** Slices by several indices each. */
export const gatherNd = defineComposite({
  name: 'gatherNd',
  exact: true,
  doc: 'y[..., :] = x[index[..., 0], index[..., 1], ..., :]: the last dim of index names places in the first dims of x, behind `batchDims` that both have. Negative indices count from the end; one out of range gives NaN (in int32 tensors the least number).',
  source: 'https://onnx.ai/onnx/operators/onnx__GatherND.html',
  inputs: ['x', 'index'],
  inputAliases: { data: 'x', indices: 'index' },
  dtypes: { x: 'any', index: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ batchDims: z.int().min(0).default(0) }),
  compose({ x, index }, { batchDims }) {
    const { flat, rows, inner, shape } = addressed('gatherNd', x, index, batchDims);
    const taken = take({ x: rows, index: flat }, { dim: 0, shared: true, shape: [flat.size, inner] }).y;
    return viewAs(taken, shape);
  },
});

/** Slices written by several indices each. */
export const scatterNd = defineComposite({
  name: 'scatterNd',
  doc: "y = x, then y[index[..., 0], index[..., 1], ..., :] = updates[..., :], or with `reduction` the sum ('add'), product ('mul'), 'max' or 'min' of both. Indices may repeat: without a reduction the last wins. Negative ones count from the end; one out of range writes nothing.",
  source: 'https://onnx.ai/onnx/operators/onnx__ScatterND.html',
  inputs: ['x', 'index', 'updates'],
  inputAliases: { data: 'x', indices: 'index' },
  dtypes: { x: 'any', index: 'i32', updates: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ reduction: z.enum(['none', 'add', 'mul', 'max', 'min']).default('none') }),
  compose({ x, index, updates }, { reduction }) {
    const { flat, rows, inner, shape } = addressed('scatterNd', x, index, 0);
    if (updates.shape.join() !== shape.join()) {
      throw shapeError('scatterNd', 'updates', updates, `${formatShape(shape)}, a slice of x per index`);
    }
    const whole = [x, updates].map(({ dtype }) => dtype === 'i32');
    if (whole[0] !== whole[1] || (whole[0] && reduction !== 'none')) {
      throw new GradloomError({
        ...{ code: 'dtype', op: 'scatterNd', argument: whole[0] === whole[1] ? 'x' : 'updates' },
        got: whole[0] === whole[1] ? `i32 with reduction '${reduction}'` : updates.dtype,
        expected: whole[0] === whole[1] ? 'floats' : `the type of x, ${x.dtype}`,
      });
    }
    const src = viewAs(updates, [flat.size, inner]);
    if (reduction === 'none') {
      const lines = expanded(viewAs(flat, [flat.size, 1]), [flat.size, inner]);
      return viewAs(replaceAt({ x: rows, index: lines, src }, { dim: 0 }).y, x.shape);
    }
    const indexing = { dim: 0, shared: true };
    const inputs = { x: rows, index: flat, src };
    if (reduction === 'add') return viewAs(addInto(inputs, { ...indexing, alpha: 1 }).y, x.shape);
    const reduce = ({ mul: 'prod', max: 'amax', min: 'amin' } as const)[reduction];
    return viewAs(reducedAt(inputs, indexing, reduce, true), x.shape);
  },
});
