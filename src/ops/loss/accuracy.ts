/** accuracy and classificationError: metrics of class scores, not differentiable. */
import accuracyForward from '../../../shaders/loss/accuracy.forward.wgsl';
import { defineOp, type Lowering, notDifferentiable } from '../../graph/op';
import type { Tensor } from '../../graph/tensor';
import { noAttrs } from '../common';
import { runPartials, scaleOf } from './reduction';
import { checkIndices, classRows, rowGroups, rowKernel } from './rows';

function run(
  op: string,
  wrong: boolean,
  { x, target, y }: Record<'x' | 'target' | 'y', Tensor>,
  k: Lowering,
): void {
  const view = classRows(op, x);
  const { classes, inner, rows } = view;
  const params = { row_count: rows, classes, inner, wrong, scale: scaleOf('mean', rows) };
  const totals = {
    y,
    total: k.temp([2]),
    groups: rowGroups(view, k.device),
    weighted: false,
    scale: params.scale,
  };
  runPartials(k, totals, (sums, workgroups) =>
    k.run(accuracyForward[rowKernel(view, k.device)], { x, labels: target }, { y, sums }, params, workgroups),
  );
}

function metric<const N extends string>(name: N, wrong: boolean, doc: string) {
  return defineOp({
    name,
    doc,
    inputs: ['x', 'target'],
    dtypes: { target: 'i32' },
    outputs: ['y'],
    attrs: noAttrs,
    shape({ x, target }) {
      checkIndices(name, x, target, classRows(name, x));
      return { y: [] };
    },
    lower: (tensors, _, k) => run(name, wrong, tensors, k),
    backward: notDifferentiable('a count has no gradient'),
  });
}

/** Share of rows whose largest score is at the target. */
export const accuracy = metric(
  'accuracy',
  false,
  'Share of the rows of `x` [N, C, ...] whose largest score (the first of equals) is at the int32 `target` [N, ...].',
);

/** 1 - accuracy. */
export const classificationError = metric(
  'classificationError',
  true,
  'Share of the rows of `x` [N, C, ...] whose largest score is not at the int32 `target` [N, ...]: 1 - accuracy.',
);
