/** crossEntropy and nllLoss: one fused kernel from scores to loss, one from what it kept to the gradient. */
import crossEntropyBackward from '../../../shaders/loss/cross_entropy.backward.wgsl';
import crossEntropyForward from '../../../shaders/loss/cross_entropy.forward.wgsl';
import { formatShape, GradloomError } from '../../errors';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, inFloat32 } from '../../graph/ir/op';
import * as z from '../../schema';
import { perItem } from '../common';
import { add, div, mul, sub } from '../elementwise/binary';
import { constantOf, scale } from '../elementwise/scale';
import { expanded } from '../layout/repeat';
import { narrowed } from '../layout/slice';
import { sum, viewAs } from '../reduce/sum';
import { logSoftmax, softmax } from '../softmax';
import { type Reduction, reduction, runPartials, scaleOf } from './reduction';
import { checkClassWeight, checkIndices, classRows, rowGroups, rowKernel } from './rows';

interface Attrs {
  /** The public op, for errors. */
  op: string;
  ignoreIndex: number;
  reduction: Reduction;
  labelSmoothing: number;
  /** Scores become log probabilities first. */
  normalize: boolean;
}

/** Probabilities have the shape of x, indices have one number per row. */
const isProbabilities = (target: Tensor) => target.dtype !== 'i32';

/** Uniforms and compile-time constants of both directions. */
function commonOf(x: Tensor, target: Tensor, weight: Tensor | undefined, attrs: Attrs) {
  const view = classRows(attrs.op, x);
  const { classes, inner, rows } = view;
  const uniforms = { classes, inner, scale: scaleOf(attrs.reduction, rows), smoothing: attrs.labelSmoothing };
  const constants = { HAS_WEIGHT: Number(weight !== undefined), REDUCE: Number(attrs.reduction !== 'none') };
  const ofScores = { NORMALIZE: Number(attrs.normalize), PROBABILITIES: Number(isProbabilities(target)) };
  // Probabilities weigh every row the same, so their mean is a plain one.
  const weighted = attrs.reduction === 'mean' && !isProbabilities(target);
  return { view, uniforms, constants, ofScores, weighted };
}

const rowLosses = defineInternal({
  name: 'crossEntropyRows',
  inputs: ['x', 'target', 'weight?'],
  outputs: ['y', 'rows', 'total'],
  shape({ x }, attrs: Attrs) {
    const view = classRows(attrs.op, x);
    return {
      y: attrs.reduction === 'none' ? view.shape : [],
      rows: inFloat32([view.rows, 4]),
      total: inFloat32([2]),
    };
  },
  lower({ x, target, weight, y, rows, total }, attrs: Attrs, k) {
    const { view, uniforms, constants, ofScores, weighted } = commonOf(x, target, weight, attrs);
    const params = { ...uniforms, weighted, row_count: view.rows, ignore_index: attrs.ignoreIndex };
    const SMOOTHED = Number(attrs.labelSmoothing > 0);
    const options = { constants: { ...constants, ...ofScores, SMOOTHED } };
    const mode = rowKernel(view, k.device, crossEntropyForward);
    const reads = { x, labels: target, weight: weight ?? k.emptyBuffer };
    if (attrs.reduction === 'none') {
      const workgroups = perItem(view.rows, mode);
      k.dispatch(crossEntropyForward[mode], reads, { y, rows, sums: total }, params, workgroups, options);
      return;
    }
    runPartials(k, { ...params, y, total, groups: rowGroups(view, mode) }, (sums, workgroups) =>
      k.dispatch(crossEntropyForward[mode], reads, { y, rows, sums }, params, workgroups, options),
    );
  },
  backward({ x, target, weight, rows, total, dy }, attrs) {
    if (!dy) return {};
    return {
      x: logitsGradient({ x, target, weight, rows, total, dy }, attrs).dx,
      target: isProbabilities(target)
        ? softGradient({ x, target, weight, rows, total, dy }, attrs).dtarget
        : undefined,
    };
  },
});

interface GradientTensors {
  x: Tensor;
  target: Tensor;
  weight?: Tensor;
  rows: Tensor;
  total: Tensor;
  dy: Tensor;
}

const classDim = (x: Tensor) => (x.rank === 1 ? 0 : 1);

/** The shape of one number per row that broadcasts to x. */
const rowShape = (x: Tensor) => x.shape.map((n, d) => (d === classDim(x) ? 1 : n));

/** The gradient of each row's loss, or the only one. */
const perRow = (dy: Tensor, x: Tensor, { reduction }: Attrs) =>
  reduction === 'none' ? viewAs(dy, rowShape(x)) : dy;

/** For probabilities: the scores, the weighted and smoothed target, and the gradient of the unreduced losses. */
function softParts({ x, target, weight, dy }: GradientTensors, attrs: Attrs) {
  const { classes, rows } = classRows(attrs.op, x);
  const smooth = constantOf(x.graph, attrs.labelSmoothing / classes);
  const mixed = add(scale(target, 1 - attrs.labelSmoothing), smooth);
  const alongClasses = x.shape.map((_, d) => (d === classDim(x) ? classes : 1));
  const q = weight ? mul(mixed, viewAs(weight, alongClasses)) : mixed;
  return { scores: x, q, g: scale(perRow(dy, x, attrs), scaleOf(attrs.reduction, rows)) };
}

const logitsGradient: (
  inputs: GradientTensors & { weight: Tensor | undefined },
  attrs: Attrs,
) => { dx: Tensor } = defineInternal({
  name: 'crossEntropyBackward',
  inputs: ['x', 'target', 'weight?', 'rows', 'total', 'dy'],
  outputs: ['dx'],
  fusion: { accumulates: ['dx'] },
  shape: ({ x }) => ({ dx: x }),
  lower({ x, target, weight, rows, total, dy, dx }, attrs: Attrs, k) {
    const { uniforms, constants, ofScores, weighted } = commonOf(x, target, weight, attrs);
    const params = { ...uniforms, n: x.size, ignore_index: attrs.ignoreIndex };
    const adds = { WEIGHTED: Number(weighted), ACCUMULATE: k.accumulate('dx') };
    const reads = { x, labels: target, weight: weight ?? k.emptyBuffer, rows, total, dy };
    k.dispatch(
      crossEntropyBackward.logits,
      reads,
      { gradient: dx },
      params,
      { threads: x.size },
      {
        constants: { ...constants, ...ofScores, ...adds },
      },
    );
  },
  backward: throughDecomposition((tensors: GradientTensors, attrs: Attrs) => {
    const { x, target, weight, total, dy } = tensors;
    if (isProbabilities(target)) {
      const { scores, q, g } = softParts(tensors, attrs);
      const mass = sum(q, { dim: classDim(x), keepdim: true });
      return { dx: mul(sub(mul(softmax(scores, { dim: classDim(x) }), mass), q), g) };
    }
    // (softmax(x) sum(w q) - w q) g: only the first part changes with x, and all is proportional to g.
    const one = expanded(constantOf(x.graph, 1), dy.shape);
    const atOne = logitsGradient({ ...tensors, weight, dy: one }, attrs).dx;
    const g = perRow(dy, x, attrs);
    if (!attrs.normalize) return { dx: mul(x.graph.detach(atOne), g) };
    const { view, weighted } = commonOf(x, target, weight, attrs);
    const [mass, divisor] = [narrowed(tensors.rows, 1, 2, 1), narrowed(total, 0, 1, 1)];
    const share = weighted ? div(mass, divisor) : scale(mass, scaleOf(attrs.reduction, view.rows));
    const shares = viewAs(x.graph.detach(share), rowShape(x));
    const scores = softmax(x, { dim: classDim(x) });
    const change = mul(sub(scores, x.graph.detach(scores)), shares);
    return { dx: mul(add(x.graph.detach(atOne), change), g) };
  }),
});

const softGradient = defineInternal({
  name: 'crossEntropyTargetBackward',
  inputs: ['x', 'target', 'weight?', 'rows', 'total', 'dy'],
  outputs: ['dtarget'],
  fusion: { accumulates: ['dtarget'] },
  shape: ({ target }) => ({ dtarget: target }),
  lower({ x, target, weight, rows, total, dy, dtarget }, attrs: Attrs, k) {
    const { uniforms, constants, weighted } = commonOf(x, target, weight, attrs);
    const params = { ...uniforms, n: x.size };
    const adds = { WEIGHTED: Number(weighted), ACCUMULATE: k.accumulate('dtarget') };
    const reads = { x, weight: weight ?? k.emptyBuffer, rows, total, dy };
    k.dispatch(
      crossEntropyBackward.soft,
      reads,
      { gradient: dtarget },
      params,
      { threads: x.size },
      {
        constants: { ...constants, ...adds },
      },
    );
  },
  backward: throughDecomposition((tensors: GradientTensors, attrs: Attrs) => {
    const { x, weight } = tensors;
    const { scores, g } = softParts(tensors, attrs);
    const alongClasses = x.shape.map((n, d) => (d === classDim(x) ? n : 1));
    const costs = scale(logSoftmax(scores, { dim: classDim(x) }), attrs.labelSmoothing - 1);
    return { dtarget: mul(weight ? mul(costs, viewAs(weight, alongClasses)) : costs, g) };
  }),
});

/** Cross-entropy of logits x [N, C, ...] for class indices [N, ...] or probabilities [N, C, ...]. */
export const crossEntropy = defineComposite({
  name: 'crossEntropy',
  module: 'CrossEntropyLoss',
  doc:
    'Cross-entropy of the softmax of `x` [N, C, ...]: mean over rows of -sum over c of weight[c] q[c] logSoftmax(x)[c]. ' +
    '`target` holds int32 class indices [N, ...], or probabilities q of the shape of `x`; `labelSmoothing` s makes them ' +
    '(1 - s) q + s / C. The mean over class indices is weighted by weight[target]; rows with `ignoreIndex` do not count. ' +
    'An index out of range gives NaN.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html',
  inputs: ['x', 'target', 'weight?'],
  dtypes: { target: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({
    ignoreIndex: z.int().default(-100),
    reduction,
    labelSmoothing: z.number().min(0).max(1).default(0),
  }),
  compose({ x, target, weight }, attrs) {
    const view = classRows('crossEntropy', x);
    checkClassWeight('crossEntropy', weight, view);
    if (target.dtype === 'i32') checkIndices('crossEntropy', x, target, view);
    else if (target.shape.join() !== x.shape.join()) {
      throw new GradloomError({
        code: 'shape',
        op: 'crossEntropy',
        argument: 'target',
        got: `${target.dtype} ${formatShape(target.shape)}`,
        expected: `int32 class indices ${formatShape(view.shape)} or float32 probabilities ${formatShape(x.shape)}`,
      });
    }
    return rowLosses({ x, target, weight }, { ...attrs, op: 'crossEntropy', normalize: true }).y;
  },
});

/** Negative log-likelihood of log probabilities x [N, C, ...] for class indices [N, ...]. */
export const nllLoss = defineComposite({
  name: 'nllLoss',
  module: 'NLLLoss',
  doc:
    'Negative log-likelihood of log probabilities `x` [N, C, ...] for int32 class indices `target` [N, ...]: mean over ' +
    'rows, weighted by weight[target], of -x[target]. Rows with `ignoreIndex` do not count.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html',
  inputs: ['x', 'target', 'weight?'],
  dtypes: { target: 'i32' },
  outputs: ['y'],
  attrs: z.strictObject({ ignoreIndex: z.int().default(-100), reduction }),
  compose({ x, target, weight }, attrs) {
    const view = classRows('nllLoss', x);
    checkClassWeight('nllLoss', weight, view);
    checkIndices('nllLoss', x, target, view);
    const internal = { ...attrs, op: 'nllLoss', labelSmoothing: 0, normalize: false };
    return rowLosses({ x, target, weight }, internal).y;
  },
});
