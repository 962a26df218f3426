/** accuracy and classificationError: metrics of class scores, not differentiable. */
import accuracyForward from '../../../shaders/loss/accuracy.forward.wgsl';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, inFloat32, notDifferentiable } from '../../graph/ir/op';
import * as z from '../../schema';
import { runPartials } from './reduction';
import { checkIndices, classRows, rowGroups, rowKernel } from './rows';

interface Attrs {
  op: string;
  wrong: boolean;
  ignoreIndex: number | null;
}

/** The share of rows, and from how many it comes: `total` is (rows that are right, rows that count). */
const share = defineInternal({
  name: 'accuracyShare',
  inputs: ['x', 'target'],
  outputs: ['y', 'total'],
  shape({ x, target }, { op }: Attrs) {
    checkIndices(op, x, target, classRows(op, x));
    return { y: [], total: inFloat32([2]) };
  },
  lower({ x, target, y, total }, { op, wrong, ignoreIndex }, k) {
    const view = classRows(op, x);
    const { classes, inner, rows } = view;
    const ignored = { ignores: ignoreIndex !== null, ignore_index: ignoreIndex ?? 0 };
    const params = { row_count: rows, classes, inner, wrong, ...ignored };
    const variant = rowKernel(view, k.device, accuracyForward);
    const totals = { y, total, groups: rowGroups(view, variant), weighted: true, scale: 1 };
    runPartials(k, totals, (sums, workgroups) =>
      k.dispatch(accuracyForward[variant], { x, labels: target }, { y, sums }, params, workgroups),
    );
  },
});

function metric<const N extends string>(name: N, wrong: boolean, doc: string) {
  return defineComposite({
    name,
    doc: `${doc} Rows with the target \`ignoreIndex\` do not count.`,
    inputs: ['x', 'target'],
    dtypes: { target: 'i32' },
    outputs: ['y'],
    attrs: z.strictObject({ ignoreIndex: z.int().nullable().default(null) }),
    compose: (inputs, { ignoreIndex }) => share(inputs, { op: name, wrong, ignoreIndex }).y,
    backward: notDifferentiable('a count has no gradient'),
  });
}

/** (right rows, rows that count) of class scores, `[2]`: what means over several batches are made of. */
export const correctAndTotal = (x: Tensor, target: Tensor, ignoreIndex: number): Tensor =>
  share({ x, target }, { op: 'accuracy', wrong: false, ignoreIndex }).total;

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
