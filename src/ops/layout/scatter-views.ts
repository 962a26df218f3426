/** Parts of a tensor replaced by another one: selectScatter, sliceScatter, diagonalScatter. */
import { formatShape, GradloomError } from '../../errors';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal } from '../../graph/ir/op';
import * as z from '../../schema';
import { normalizeDim, shapeError, stridesOf } from '../common';
import { source, toDims } from './attrs';
import { expanded } from './repeat';
import { runCopy, type StridedView, strided, wholeView } from './strided';

/** x with the elements that the view names replaced by those of src. */
const replaceView: (inputs: Record<'x' | 'src', Tensor>, view: StridedView) => { y: Tensor } = defineInternal(
  {
    name: 'replaceView',
    inputs: ['x', 'src'],
    outputs: ['y'],
    shape: ({ x }) => ({ y: { shape: x.shape, dtype: x.dtype } }),
    lower({ x, src, y }, view: StridedView, k) {
      runCopy(k, x, wholeView(x.shape), y, wholeView(x.shape), 0);
      runCopy(k, src, wholeView(src.shape), y, view, 0);
    },
    backward({ src, dy }, view): Record<'x' | 'src', Tensor> {
      const zeros = expanded(dy.graph.scalar(0), src.shape);
      return { x: replaceView({ x: dy, src: zeros }, view).y, src: strided(dy, view) };
    },
  },
);

function replaced(op: string, x: Tensor, src: Tensor, view: StridedView): Tensor {
  if (src.shape.join() !== view.shape.join()) throw shapeError(op, 'src', src, formatShape(view.shape));
  if (src.dtype !== x.dtype) {
    const fix = 'Convert it with cast';
    throw new GradloomError({
      ...{ code: 'dtype', op, argument: 'src' },
      ...{ got: src.dtype, expected: `the type of x, ${x.dtype}`, fix },
    });
  }
  return replaceView({ x, src }, view).y;
}

const without = (list: Shape, ...dims: number[]): number[] => list.filter((_, d) => !dims.includes(d));

/** One position of a dimension replaced. */
export const selectScatter = defineComposite({
  name: 'selectScatter',
  exact: true,
  doc: 'y = x, then position `index` of `dim` = src; a negative index counts from the end.',
  source: source('select_scatter'),
  inputs: ['x', 'src'],
  dtypes: { x: 'any', src: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dim: z.int(), index: z.int() }),
  compose({ x, src }, { dim, index }) {
    if (x.rank === 0) throw shapeError('selectScatter', 'x', x, 'at least one dimension');
    const at = normalizeDim('selectScatter', dim, x.rank);
    const n = x.shape[at];
    if (index < -n || index >= n) {
      const expected = `a position from ${-n} to ${n - 1}`;
      throw new GradloomError({
        ...{ code: 'argument', op: 'selectScatter', argument: 'index', got: String(index), expected },
      });
    }
    const strides = stridesOf(x.shape);
    const offset = (index < 0 ? index + n : index) * strides[at];
    const view = { shape: without(x.shape, at), offset, strides: without(strides, at) };
    return replaced('selectScatter', x, src, view);
  },
});

/** A range of a dimension replaced. */
export const sliceScatter = defineComposite({
  name: 'sliceScatter',
  exact: true,
  doc: "y = x, then y[start:end:step] along `dim` = src, by Python's rules.",
  source: source('slice_scatter'),
  inputs: ['x', 'src'],
  dtypes: { x: 'any', src: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({
    dim: z.int().default(0),
    start: z.int().nullable().default(null),
    end: z.int().nullable().default(null),
    step: z.int().min(1).default(1),
  }),
  compose({ x, src }, { dim, start, end, step }) {
    if (x.rank === 0) throw shapeError('sliceScatter', 'x', x, 'at least one dimension');
    const at = normalizeDim('sliceScatter', dim, x.rank);
    const n = x.shape[at];
    const bound = (value: number) => Math.min(Math.max(value < 0 ? value + n : value, 0), n);
    const first = bound(start ?? 0);
    const length = Math.max(0, Math.ceil((bound(end ?? n) - first) / step));
    const strides = stridesOf(x.shape);
    const view = {
      shape: x.shape.map((size, d) => (d === at ? length : size)),
      offset: first * strides[at],
      strides: strides.map((stride, d) => (d === at ? step * stride : stride)),
    };
    return replaced('sliceScatter', x, src, view);
  },
});

/** A diagonal replaced. */
export const diagonalScatter = defineComposite({
  name: 'diagonalScatter',
  exact: true,
  doc: 'y = x, then the diagonal `offset` of the dims dim1 and dim2 = src, whose last dimension runs along it.',
  source: source('diagonal_scatter'),
  inputs: ['x', 'src'],
  dtypes: { x: 'any', src: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ offset: z.int().default(0), dim1: z.int().default(0), dim2: z.int().default(1) }),
  compose({ x, src }, { offset, dim1, dim2 }) {
    if (x.rank < 2) throw shapeError('diagonalScatter', 'x', x, 'at least two dimensions');
    const [rows, columns] = toDims('diagonalScatter', [dim1, dim2], x.rank, 'dim1, dim2');
    const strides = stridesOf(x.shape);
    const [row, column] = [Math.max(-offset, 0), Math.max(offset, 0)];
    const length = Math.max(0, Math.min(x.shape[rows] - row, x.shape[columns] - column));
    const view = {
      shape: [...without(x.shape, rows, columns), length],
      offset: length === 0 ? 0 : row * strides[rows] + column * strides[columns],
      strides: [...without(strides, rows, columns), strides[rows] + strides[columns]],
    };
    return replaced('diagonalScatter', x, src, view);
  },
});
