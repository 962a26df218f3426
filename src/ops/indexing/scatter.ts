/** Ops that write at indices: scatterAdd, indexAdd, scatter, and the masks oneHot and maskedFill. */
import oneHotForward from '../../../shaders/indexing/one_hot.forward.wgsl';
import scatterMark from '../../../shaders/indexing/scatter.mark.wgsl';
import scatterPick from '../../../shaders/indexing/scatter.pick.wgsl';
import { formatShape, GradloomError } from '../../errors';
import type { Graph, Tensor } from '../../graph/ir/graph';
import {
  defineComposite,
  defineInternal,
  defineOp,
  type Lowering,
  notDifferentiable,
} from '../../graph/ir/op';
import type { DType } from '../../graph/ir/variable';
import * as z from '../../schema';
import { anyFloat, collapse, elementThreads, normalizeDim, shapeError, splitAt, stridesOf } from '../common';
import { scale } from '../elementwise/scale';
import { where } from '../elementwise/where';
import { withEntry } from '../layout/attrs';
import { expanded } from '../layout/repeat';
import { runCopy, runFill, wholeView } from '../layout/strided';
import { viewAs } from '../reduce/sum';
import { checkIndex } from './gather';
import { cropTo, type Indexing, runAdd, take } from './take';

const torch = (name: string) => `https://pytorch.org/docs/stable/generated/torch.${name}.html`;

const IGNORED = 'An index out of range writes nothing.';

/** y = x + alpha * src at the indices. */
export const addInto = defineInternal({
  name: 'addInto',
  inputs: ['x', 'index', 'src'],
  outputs: ['y'],
  shape: ({ x }, _: Indexing & { alpha: number }) => ({ y: x.shape }),
  lower({ x, index, src, y }, { alpha, ...indexing }, k) {
    runCopy(k, x, wholeView(x.shape), y, wholeView(x.shape), 0);
    runAdd(k, index, src, y, indexing, { accumulate: 1, alpha });
  },
  backward: ({ index, src, dy }, { alpha, ...indexing }) => ({
    x: dy,
    src: scale(take({ x: dy, index }, { ...indexing, shape: src.shape, zeroOutside: true }).y, alpha),
  }),
});

/** The part of src that index covers. @throws GradloomError when src is smaller than index. */
export function usedPart(op: string, src: Tensor, index: Tensor): Tensor {
  if (src.rank !== index.rank || src.shape.some((n, d) => n < index.shape[d])) {
    throw shapeError(op, 'src', src, `at least the shape of index, ${formatShape(index.shape)}`);
  }
  return cropTo(src, index);
}

/** A number as a tensor of this type without dimensions. */
const numberAs = (graph: Graph, dtype: DType, value: number): Tensor =>
  graph.constant(dtype === 'i32' ? Int32Array.of(value) : Float32Array.of(value), []);

/** Shared indices of positions along `dim`, one for each element of the lines of x. */
export function alongLines(op: string, x: Tensor, index: Tensor, dim: number): Tensor {
  const at = normalizeDim(op, dim, x.rank);
  if (index.rank > 1) throw shapeError(op, 'index', index, 'one dimension');
  if (x.rank === 0) return viewAs(index, []);
  const line = viewAs(
    index,
    x.shape.map((_, d) => (d === at ? index.size : 1)),
  );
  return expanded(line, withEntry(x.shape, at, index.size));
}

/** Every op below on 0-d tensors as on one element. */
export const atLeast1d = (x: Tensor) => viewAs(x, x.rank === 0 ? [1] : x.shape);

/** Additions at positions of their own. */
export const scatterAdd = defineComposite({
  name: 'scatterAdd',
  doc: `y = x, then y[index[i, j, k], j, k] += src[i, j, k] for dim 0, and so on; indices may repeat. ${IGNORED}`,
  source: torch('Tensor.scatter_add_'),
  inputs: ['x', 'index', 'src'],
  dtypes: { index: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int() }),
  compose({ x, index, src }, { dim }) {
    const at = checkIndex('scatterAdd', x, index, dim);
    const used = usedPart('scatterAdd', src, index);
    const inputs = { x: atLeast1d(x), index: atLeast1d(index), src: atLeast1d(used) };
    return viewAs(addInto(inputs, { dim: at, shared: false, alpha: 1 }).y, x.shape);
  },
});

/** Additions of whole positions of one dimension. */
export const indexAdd = defineComposite({
  name: 'indexAdd',
  doc: `y = x, then position index[p] of \`dim\` += alpha * position p of source; indices may repeat. ${IGNORED}`,
  source: torch('index_add'),
  inputs: ['x', 'index', 'source'],
  dtypes: { index: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int(), alpha: z.number().default(1) }),
  compose({ x, index, source }, { dim, alpha }) {
    const at = normalizeDim('indexAdd', dim, x.rank);
    if (index.rank > 1) throw shapeError('indexAdd', 'index', index, 'one dimension');
    const wide = atLeast1d(x);
    const expected = withEntry(wide.shape, at, index.size);
    if (atLeast1d(source).shape.join() !== expected.join()) {
      throw shapeError('indexAdd', 'source', source, `${formatShape(expected)}, one position per index`);
    }
    return viewAs(addInto({ x: wide, index, src: source }, { dim: at, shared: true, alpha }).y, x.shape);
  },
});

/** y = x with the elements of src (or 0 without it) at the indices; the last of repeated indices wins. */
function runReplace(
  k: Lowering,
  x: Tensor,
  index: Tensor,
  src: Tensor | undefined,
  y: Tensor,
  dim: number,
): void {
  const { size, inner } = splitAt(x.shape, dim);
  const beside = stridesOf(x.shape).map((stride, d) => (d === dim ? 0 : stride));
  const { shape, strides } = collapse('scatter', index.shape, beside);
  const winners = k.scratch([x.size], 'i32');
  runFill(k, winners, 0);
  const dims = shape.flatMap((n, d) => [n, strides[0][d], 0, 0]);
  const params = { n: index.size, rank: shape.length, limit: size, stride: inner, dims };
  k.dispatch(scatterMark, { index }, { winners }, params, elementThreads(index.size, k.device));
  const inputs = { x, src: src ?? k.emptyBuffer, winners };
  k.dispatch(
    scatterPick,
    inputs,
    { y },
    { n: x.size, zero: src === undefined },
    elementThreads(x.size, k.device),
  );
}

const replaceByZero: (inputs: Record<'x' | 'index', Tensor>, attrs: { dim: number }) => { y: Tensor } =
  defineInternal({
    name: 'scatterBackward',
    inputs: ['x', 'index'],
    outputs: ['y'],
    shape: ({ x }, _: { dim: number }) => ({ y: x.shape }),
    lower: ({ x, index, y }, { dim }, k) => runReplace(k, x, index, undefined, y, dim),
    backward: ({ index, dy }, attrs) => ({ x: replaceByZero({ x: dy, index }, attrs).y }),
  });

export const replaceAt = defineInternal({
  name: 'scatter',
  inputs: ['x', 'index', 'src'],
  outputs: ['y'],
  shape: ({ x }, _: { dim: number }) => ({ y: { shape: x.shape, dtype: x.dtype } }),
  lower: ({ x, index, src, y }, { dim }, k) => runReplace(k, x, index, src, y, dim),
  backward: ({ index, src, dy }, { dim }) => ({
    x: replaceByZero({ x: dy, index }, { dim }).y,
    src: take({ x: dy, index }, { dim, shared: false, shape: src.shape, zeroOutside: true }).y,
  }),
});

/** Replacements at positions of their own. */
export const scatter = defineComposite({
  name: 'scatter',
  exact: true,
  doc: `y = x, then y[index[i, j, k], j, k] = src[i, j, k] for dim 0, and so on; of repeated indices the last wins. Without src the number \`value\` is written; \`reduce: 'add'\` adds. ${IGNORED}`,
  source: torch('scatter'),
  inputs: ['x', 'index', 'src?'],
  dtypes: { x: 'any', index: 'i32', src: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({
    dim: z.int(),
    value: anyFloat.nullable().default(null),
    reduce: z.literal('add').nullable().default(null),
  }),
  compose({ x, index, src: given }, { dim, value, reduce }, graph) {
    if ((given === undefined) === (value === null)) {
      throw new GradloomError({
        code: 'argument',
        op: 'scatter',
        argument: 'src',
        got: given ? 'given together with value' : 'missing',
        expected: 'either src or value',
      });
    }
    const src = given ?? expanded(numberAs(graph, x.dtype, Number(value)), index.shape);
    if ((x.dtype === 'i32') !== (src.dtype === 'i32')) {
      throw new GradloomError({
        code: 'dtype',
        op: 'scatter',
        argument: 'src',
        got: src.dtype,
        expected: `the type of x, ${x.dtype}`,
      });
    }
    if (reduce === 'add') return scatterAdd(x, index, src, { dim });
    const at = checkIndex('scatter', x, index, dim);
    const used = usedPart('scatter', src, index);
    const inputs = { x: atLeast1d(x), index: atLeast1d(index), src: atLeast1d(used) };
    return viewAs(replaceAt(inputs, { dim: at }).y, x.shape);
  },
});

/** Whole positions of one dimension replaced. */
export const indexCopy = defineComposite({
  name: 'indexCopy',
  exact: true,
  doc: `y = x, then position index[p] of \`dim\` = position p of source; of repeated indices the last wins. ${IGNORED}`,
  source: torch('Tensor.index_copy'),
  inputs: ['x', 'index', 'source'],
  dtypes: { x: 'any', index: 'i32', source: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int() }),
  compose: ({ x, index, source }, { dim }) =>
    scatter(x, alongLines('indexCopy', x, index, dim), source, { dim }),
});

/** One number at whole positions of one dimension. */
export const indexFill = defineComposite({
  name: 'indexFill',
  exact: true,
  doc: `y = x, then all of the positions \`index\` of \`dim\` = value. ${IGNORED}`,
  source: torch('Tensor.index_fill'),
  inputs: ['x', 'index'],
  dtypes: { x: 'any', index: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int(), value: anyFloat }),
  compose: ({ x, index }, { dim, value }) =>
    scatter(x, alongLines('indexFill', x, index, dim), undefined, { dim, value }),
});

/** The number of classes as given, or for -1 one more than the largest in a constant; -1 where that is unknown. */
function classesOf({ storage: { leaf } }: Tensor, given: number): number {
  if (given !== -1 || leaf?.kind !== 'constant') return given;
  let most = -1;
  for (const value of leaf.data) most = Math.max(most, value);
  return most + 1;
}

/** Classes as unit vectors. */
export const oneHot = defineOp({
  name: 'oneHot',
  exact: true,
  doc: 'y[..., c] = 1 where x[...] is c, else 0, as float32; a class out of range gives zeros. Without numClasses one more than the largest class, which x must be a constant for: shapes do not depend on other values.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html',
  inputs: ['x'],
  dtypes: { x: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ numClasses: z.int().default(-1) }),
  shape({ x }, attrs) {
    const numClasses = classesOf(x, attrs.numClasses);
    if (numClasses < 1) {
      throw new GradloomError({
        code: 'argument',
        op: 'oneHot',
        argument: 'numClasses',
        got: String(attrs.numClasses),
        expected: 'the number of classes',
        fix: 'It is taken from the largest class only of constants, because shapes are known before values are',
      });
    }
    return { y: [...x.shape, numClasses] };
  },
  lower({ x, y }, _, k) {
    k.dispatch(
      oneHotForward,
      { x },
      { y },
      { n: y.size, classes: y.shape.at(-1)! },
      elementThreads(y.size, k.device),
    );
  },
  backward: notDifferentiable('class indices have no gradient'),
});

/** A constant where a mask is set. */
export const maskedFill = defineComposite({
  name: 'maskedFill',
  exact: true,
  doc: 'y = value where mask is not 0, else x; mask and x broadcast.',
  source: torch('Tensor.masked_fill'),
  inputs: ['x', 'mask'],
  dtypes: { x: 'any', mask: 'any' },
  masks: ['mask'],
  outputs: ['y'],
  attrs: z.strictObject({ value: anyFloat }),
  compose({ x, mask }, { value }, graph) {
    return where(mask, numberAs(graph, x.dtype, Number(value)), x);
  },
});
