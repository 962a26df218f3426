/** multiMarginLoss. */
import multiMarginBackward from '../../../shaders/loss/multi_margin.backward.wgsl';
import multiMarginForward from '../../../shaders/loss/multi_margin.forward.wgsl';
import { gradientsOf, throughDecomposition } from '../../graph/compiler/autodiff';
import { multiMarginCandidates } from '../../graph/compiler/heuristics';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal, defineOp, type Lowering } from '../../graph/ir/op';
import * as z from '../../schema';
import { relu } from '../activation/activation';
import { perItem, shapeError } from '../common';
import { add, mul, ne, sub } from '../elementwise/binary';
import { scale } from '../elementwise/scale';
import { where } from '../elementwise/where';
import { indexSelect, takeAlongDim } from '../indexing/gather';
import { sum, viewAs } from '../reduce/sum';
import { reduction, runPartials, scaleOf } from './reduction';
import { checkClassWeight, checkIndices, classRows, rowGroups } from './rows';

const attrs = z.strictObject({
  p: z.literal([1, 2]).default(1),
  margin: z.number().default(1),
  reduction,
});
type Attrs = z.output<typeof attrs>;

function paramsOf(x: Tensor, weight: Tensor | undefined, { p, margin, reduction }: Attrs) {
  const { classes, rows } = classRows('multiMarginLoss', x);
  const reduce = reduction !== 'none';
  return {
    row_count: rows,
    classes,
    reduce,
    scale: scaleOf(reduction, rows),
    p,
    margin,
    has_weight: weight !== undefined,
  };
}

const kernelOf = (classes: number, { device }: Lowering) =>
  device.variants.select('multiMarginLoss', multiMarginCandidates(classes));

/** Margin between the score of the target and those of the other classes. */
export const multiMarginLoss = defineOp({
  name: 'multiMarginLoss',
  module: { name: 'MultiMarginLoss', positional: ['p', 'margin'] },
  doc:
    'Multi-class margin loss of x [N, C] for int32 class indices t: ' +
    'weight[t] / C times the sum over c != t of max(0, margin - x[t] + x[c])^p.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html',
  inputs: ['x', 'target', 'weight?'],
  dtypes: { target: 'i32' },
  outputs: ['y'],
  attrs,
  shape({ x, target, weight }, { reduction }) {
    if (x.rank > 2) throw shapeError('multiMarginLoss', 'x', x, '[N, C] or [C]');
    const view = classRows('multiMarginLoss', x);
    checkIndices('multiMarginLoss', x, target, view);
    checkClassWeight('multiMarginLoss', weight, view);
    return { y: reduction === 'none' ? view.shape : [] };
  },
  lower({ x, target, weight, y }, attrs, k) {
    const params = paramsOf(x, weight, attrs);
    const reads = { x, labels: target, weight: weight ?? k.emptyBuffer };
    const total = k.scratch([2]);
    const variant = kernelOf(params.classes, k);
    if (attrs.reduction === 'none') {
      const workgroups = perItem(params.row_count, variant);
      k.dispatch(multiMarginForward[variant], reads, { y, sums: total }, params, workgroups);
      return;
    }
    const groups = rowGroups({ rows: params.row_count }, variant);
    runPartials(k, { y, total, groups, weighted: false, scale: params.scale }, (sums, workgroups) =>
      k.dispatch(multiMarginForward[variant], reads, { y, sums }, params, workgroups),
    );
  },
  backward: ({ x, target, weight, dy }, attrs) => ({
    x: marginGradient({ x, target, weight, dy }, attrs).dx,
  }),
});

const marginGradient = defineInternal({
  name: 'multiMarginLossBackward',
  inputs: ['x', 'target', 'weight?', 'dy'],
  outputs: ['dx'],
  fusion: { accumulates: ['dx'] },
  shape: ({ x }) => ({ dx: x }),
  lower({ x, target, weight, dy, dx }, attrs: Attrs, k) {
    const params = { ...paramsOf(x, weight, attrs), accumulate: k.accumulate('dx') };
    const reads = { x, labels: target, weight: weight ?? k.emptyBuffer, dy };
    const variant = kernelOf(params.classes, k);
    k.dispatch(multiMarginBackward[variant], reads, { dx }, params, perItem(params.row_count, variant));
  },
  backward: throughDecomposition(
    (
      { x, target, weight, dy }: Record<'x' | 'target' | 'dy', Tensor> & { weight?: Tensor },
      attrs: Attrs,
    ) => ({
      dx: gradientsOf([x], () => decomposed({ x, target, weight }, attrs), dy)[0],
    }),
  ),
});

/** The loss written with ops. */
function decomposed(
  { x, target, weight }: { x: Tensor; target: Tensor; weight?: Tensor },
  { p, margin, reduction }: Attrs,
): Tensor {
  const { classes, rows, shape } = classRows('multiMarginLoss', x);
  const scores = viewAs(x, [rows, classes]);
  const labels = viewAs(target, [rows, 1]);
  const numbers = x.graph.constant(
    Int32Array.from({ length: classes }, (_, i) => i),
    [1, classes],
  );
  const gap = relu(add(sub(scores, takeAlongDim(scores, labels, { dim: 1 })), margin));
  const terms = where(ne(labels, numbers), p === 1 ? gap : mul(gap, gap), 0);
  const losses = scale(viewAs(sum(terms, { dim: 1 }), shape), 1 / classes);
  const own = weight && viewAs(indexSelect(weight, viewAs(target, [rows]), { dim: 0 }), shape);
  const weighted = own ? mul(losses, own) : losses;
  return reduction === 'none' ? weighted : scale(sum(weighted), scaleOf(reduction, rows));
}
