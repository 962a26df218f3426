/** multiMarginLoss. */
import multiMarginBackward from '../../../shaders/loss/multi_margin.backward.wgsl';
import multiMarginForward from '../../../shaders/loss/multi_margin.forward.wgsl';
import { multiMarginCandidates } from '../../graph/compiler/heuristics';
import type { Tensor } from '../../graph/ir/graph';
import { defineInternal, defineOp, type Lowering } from '../../graph/ir/op';
import * as z from '../../schema';
import { perItem, shapeError } from '../common';
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
});
