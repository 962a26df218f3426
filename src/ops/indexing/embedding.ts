/** embedding and embeddingBag: rows of a table, and their sums, means and maxima. */
import bagsFind from '../../../shaders/indexing/bags.find.wgsl';
import { formatShape, GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal } from '../../graph/ir/op';
import * as z from '../../schema';
import { elementThreads, shapeError } from '../common';
import { add, cast, div, gt, maximum, mul, sub, where } from '../elementwise';
import { expanded } from '../layout/repeat';
import { norm } from '../reduce/norm';
import { viewAs } from '../reduce/sum';
import { OUT_OF_RANGE, sparse } from './gather';
import { reduceAt } from './reduce-at';
import { addAt, take } from './take';

/** The same values; gradients are multiplied by `factor`, which broadcasts to x. */
const scaleGradient = defineInternal({
  name: 'scaleGradient',
  inputs: ['x', 'factor'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: { shape: x.shape, dtype: x.dtype, viewOf: x } }),
  backward: ({ factor, dy }) => ({ x: mul(dy, factor) }),
});

/** Rows longer than maxNorm at that length. The scaling itself takes no part in gradients, as in PyTorch. */
function limitRows(weight: Tensor, maxNorm: number, normType: number): Tensor {
  const lengths = norm(weight, { p: normType, dim: 1, keepdim: true });
  const factor = where(gt(lengths, maxNorm), div(maxNorm, add(lengths, 1e-7)), 1);
  return add(weight, weight.graph.detach(mul(weight, sub(factor, 1))));
}

/** Attributes of both. */
const tableAttrs = {
  paddingIdx: z.int().nullable().default(null),
  maxNorm: z.number().nullable().default(null),
  normType: z.number().default(2),
  scaleGradByFreq: z.boolean().default(false),
  sparse,
};

type TableAttrs = z.output<z.ObjectSchema<typeof tableAttrs>>;

/** The row that gets no gradient, counted from 0. @throws GradloomError when the table has no such row. */
export function paddingRow(op: string, rows: number, paddingIdx: number | null): number | undefined {
  if (paddingIdx === null) return undefined;
  if (paddingIdx >= -rows && paddingIdx < rows) return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
  throw new GradloomError({
    code: 'argument',
    op,
    argument: 'paddingIdx',
    got: String(paddingIdx),
    expected: `a row from ${-rows} to ${rows - 1}`,
  });
}

/** weight[x], of the shape of x and the columns. */
function rowsAt(op: string, x: Tensor, weight: Tensor, attrs: TableAttrs): Tensor {
  if (weight.rank !== 2) throw shapeError(op, 'weight', weight, '[rows, columns]');
  const [rows, columns] = weight.shape;
  const skip = paddingRow(op, rows, attrs.paddingIdx);
  let table = weight;
  if (attrs.scaleGradByFreq) {
    const counts = addAt(x, expanded(weight.graph.scalar(1), [x.size]), [rows], { dim: 0, shared: true });
    table = scaleGradient({ x: table, factor: viewAs(div(1, maximum(counts, 1)), [rows, 1]) }, {}).y;
  }
  if (attrs.maxNorm !== null) table = limitRows(table, attrs.maxNorm, attrs.normType);
  return take({ x: table, index: x }, { dim: 0, shared: true, skip, shape: [...x.shape, columns] }).y;
}

const TABLE =
  "Row `paddingIdx` (negative: from the end) gets no gradient; `scaleGradByFreq` divides each row's gradient by how often " +
  `x names it; with \`maxNorm\` longer rows are shortened to that \`normType\`-norm (in the result, not in weight itself). ${OUT_OF_RANGE}`;

/** Rows of a table. */
export const embedding = defineComposite({
  name: 'embedding',
  exact: true,
  doc: `y[..., :] = weight[x[...], :]. ${TABLE}`,
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html',
  inputs: ['x', 'weight'],
  dtypes: { x: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject(tableAttrs),
  compose: ({ x, weight }, attrs) => rowsAt('embedding', x, weight, attrs),
});

/** The bag of each position of x, -1 for those in none. */
const bagsOf = defineInternal({
  name: 'bagsOf',
  inputs: ['x', 'offsets'],
  outputs: ['bag'],
  shape: ({ x }, _: { padding: number }) => ({ bag: { shape: [x.size], dtype: 'i32' } }),
  lower({ x, offsets, bag }, { padding }, k) {
    const params = { n: x.size, bags: offsets.size, padding };
    k.dispatch(bagsFind, { index: x, offsets }, { bag }, params, elementThreads(x.size, k.device));
  },
});

/** An index that no table has. */
const NO_PADDING = -(2 ** 31);

/** Where the bags begin, and how many there are. */
function bagsOfInput(x: Tensor, offsets: Tensor | undefined, includeLastOffset: boolean) {
  if (x.rank === 2) {
    if (offsets) {
      throw new GradloomError({
        ...{ code: 'argument', op: 'embeddingBag', argument: 'offsets' },
        got: `given with x ${formatShape(x.shape)}`,
        expected: 'offsets only for x of one dimension: rows of two dimensions are the bags',
      });
    }
    const [bags, length] = x.shape;
    const starts = Int32Array.from({ length: bags }, (_, i) => i * length);
    return { bags, starts: x.graph.constant(starts, [bags]) };
  }
  if (x.rank !== 1)
    throw shapeError('embeddingBag', 'x', x, '[positions] with offsets, or [bags, positions]');
  if (!offsets) {
    throw new GradloomError({
      ...{ code: 'argument', op: 'embeddingBag', argument: 'offsets', got: 'missing' },
      expected: 'where the bags of x of one dimension begin',
    });
  }
  const least = includeLastOffset ? 1 : 0;
  if (offsets.rank !== 1 || offsets.size < least) {
    throw shapeError('embeddingBag', 'offsets', offsets, includeLastOffset ? '[bags + 1]' : '[bags]');
  }
  x.graph.checkValues(offsets, (values) => {
    values.forEach((value, i) => {
      const before = i === 0 ? 0 : values[i - 1];
      const fits = i === 0 ? value === 0 : value >= before && value <= x.size;
      if (fits) return;
      throw new GradloomError({
        ...{ code: 'argument', op: 'embeddingBag', argument: `offsets[${i}]`, got: String(value) },
        expected: i === 0 ? '0' : `from ${before}, the one before, to ${x.size}, the length of x`,
      });
    });
  });
  return { bags: offsets.size - least, starts: offsets };
}

/** Sums, means or maxima of rows of a table. */
export const embeddingBag = defineComposite({
  name: 'embeddingBag',
  doc: `y[b] = sum, mean or max over the positions p of bag b of weight[x[p]], times perSampleWeights[p] for sums. The bags are the rows of x, or of x with one dimension the parts that begin at \`offsets\`; with \`includeLastOffset\` the last offset ends the last bag. Positions with \`paddingIdx\` do not count; an empty bag gives 0. ${TABLE}`,
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html',
  inputs: ['x', 'weight', 'offsets?', 'perSampleWeights?'],
  dtypes: { x: 'i32', offsets: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({
    ...tableAttrs,
    mode: z.enum(['sum', 'mean', 'max']).default('mean'),
    includeLastOffset: z.boolean().default(false),
  }),
  compose({ x, weight, offsets, perSampleWeights }, { mode, includeLastOffset, ...attrs }) {
    const fail = (argument: string, got: string, expected: string) =>
      new GradloomError({ code: 'argument', op: 'embeddingBag', argument, got, expected });
    if (perSampleWeights && mode !== 'sum') {
      throw fail('perSampleWeights', `given with mode '${mode}'`, "mode 'sum'");
    }
    if (perSampleWeights && perSampleWeights.shape.join() !== x.shape.join()) {
      throw shapeError('embeddingBag', 'perSampleWeights', perSampleWeights, formatShape(x.shape));
    }
    if (attrs.scaleGradByFreq && mode === 'max') {
      throw fail('scaleGradByFreq', "true with mode 'max'", "mode 'sum' or 'mean'");
    }
    const { bags, starts } = bagsOfInput(x, offsets, includeLastOffset);
    const positions = viewAs(x, [x.size]);
    const rows = rowsAt('embeddingBag', positions, weight, attrs);
    const padding = paddingRow('embeddingBag', weight.shape[0], attrs.paddingIdx) ?? NO_PADDING;
    const { bag } = bagsOf({ x: positions, offsets: starts }, { padding });
    const indexing = { dim: 0, shared: true };
    const shape = [bags, weight.shape[1]];
    if (mode === 'max') {
      const x = cast(expanded(weight.graph.scalar(0), shape), { dtype: rows.dtype });
      const given = { x, index: bag, src: rows };
      return reduceAt(given, { ...indexing, kind: 'max', include: false, ties: 'first' }).y;
    }
    const weighted = perSampleWeights ? mul(rows, viewAs(perSampleWeights, [x.size, 1])) : rows;
    const sums = addAt(bag, weighted, shape, indexing);
    if (mode === 'sum') return sums;
    const counts = addAt(bag, expanded(weight.graph.scalar(1), [x.size]), [bags], indexing);
    return cast(div(sums, viewAs(maximum(counts, 1), [bags, 1])), { dtype: sums.dtype });
  },
});
