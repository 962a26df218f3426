/** Hinge losses and logCosh as Keras has them, the focal loss, and the margin loss of several labels. */
import { formatShape } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { sigmoid, softplus } from '../activation/activation';
import { shapeError } from '../common';
import { add, cast, div, eq, ge, logicalNot, logicalOr, mul, pow, square, sub, where } from '../elementwise';
import { clampBetween } from '../elementwise/clamp';
import { scale } from '../elementwise/scale';
import { takeAlongDim } from '../indexing/gather';
import { unsqueeze } from '../layout/views';
import { all, amax, any, cumprod, mean, sum } from '../reduce';
import { binaryCrossEntropyWithLogits } from './elementwise';
import { type Reduction, reduction } from './reduction';

const keras = (name: string) => `https://keras.io/api/losses/${name}`;

/** Losses per sample by the attribute `reduction`. */
const reduced = (losses: Tensor, reduction: Reduction): Tensor =>
  reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses);

/** @throws GradloomError unless the target has the shape of x and both have a dimension. */
function checkTarget(op: string, x: Tensor, target: Tensor): void {
  if (x.rank < 1) throw shapeError(op, 'x', x, '[..., D]');
  if (target.shape.join() !== x.shape.join()) {
    throw shapeError(op, 'target', target, `the shape of x, ${formatShape(x.shape)}`);
  }
}

interface KerasLoss {
  name: string;
  module: string;
  doc: string;
  source: string;
  /** The loss of each sample. */
  losses(x: Tensor, target: Tensor): Tensor;
}

/** A loss of predictions x and a target of the same shape [..., D] with one value per sample. */
function kerasLoss({ name, module, doc, source, losses }: KerasLoss) {
  return defineComposite({
    name,
    module,
    doc: `${doc} One loss per sample [...], of which \`reduction\` takes the mean or the sum.`,
    source,
    inputs: ['x', 'target'],
    outputs: ['y'],
    inFloat32: true,
    attrs: z.strictObject({ reduction }),
    compose({ x, target }, attrs) {
      checkTarget(name, x, target);
      return reduced(losses(x, target), attrs.reduction);
    },
  });
}

const overLast = { dim: -1 };
/** max(x, 0). */
const positive = (x: Tensor): Tensor => clampBetween(x, { min: 0 });

/** Labels of 0 and 1 as -1 and 1; others as they are. */
function signedLabels(target: Tensor): Tensor {
  const areBinary = all(logicalOr(eq(target, 0), eq(target, 1)));
  return where(areBinary, sub(scale(target, 2), 1), target);
}

const gaps = (x: Tensor, target: Tensor): Tensor => positive(sub(1, mul(signedLabels(target), x)));

/** Scores of labels -1 and 1. */
export const hinge = kerasLoss({
  name: 'hinge',
  module: 'Hinge',
  doc: 'mean of max(0, 1 - target x) over the last dim, for labels of -1 and 1 (0 counts as -1 where all are 0 or 1).',
  source: keras('hinge_losses/#hinge-function'),
  losses: (x, target) => mean(gaps(x, target), overLast),
});

/** The squares of hinge. */
export const squaredHinge = kerasLoss({
  name: 'squaredHinge',
  module: 'SquaredHinge',
  doc: 'mean of max(0, 1 - target x)^2 over the last dim, for labels of -1 and 1 (0 counts as -1 where all are 0 or 1).',
  source: keras('hinge_losses/#squared_hinge-function'),
  losses: (x, target) => mean(square(gaps(x, target)), overLast),
});

/** The score of the class against the best other one. */
export const categoricalHinge = kerasLoss({
  name: 'categoricalHinge',
  module: 'CategoricalHinge',
  doc: 'max(0, 1 + max((1 - target) x) - sum(target x)) over the last dim, target being one-hot.',
  source: keras('hinge_losses/#categorical_hinge-function'),
  losses: (x, target) =>
    positive(sub(add(amax(mul(sub(1, target), x), overLast), 1), sum(mul(target, x), overLast))),
});

/** The logarithm of the hyperbolic cosine. */
export const logCosh = kerasLoss({
  name: 'logCosh',
  module: 'LogCosh',
  doc: 'mean of ln(cosh(x - target)) over the last dim, as d + softplus(-2 d) - ln 2.',
  source: keras('regression_losses/#log_cosh-function'),
  losses(x, target) {
    const d = sub(x, target);
    return mean(sub(add(d, softplus(scale(d, -2), { threshold: 1e30 })), Math.LN2), overLast);
  },
});

/** Cross entropy that counts what is classified well less. */
export const sigmoidFocalLoss = defineComposite({
  name: 'sigmoidFocalLoss',
  doc:
    'Binary cross entropy of logits x times (1 - p)^gamma, p being the probability of the label, and times alpha for ' +
    'label 1, 1 - alpha for label 0 (a negative alpha leaves that out).',
  source: 'https://pytorch.org/vision/stable/generated/torchvision.ops.sigmoid_focal_loss.html',
  inputs: ['x', 'target'],
  inputAliases: { inputs: 'x', targets: 'target' },
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({
    alpha: z.number().max(1).default(0.25),
    gamma: z.number().min(0).default(2),
    // torchvision's default.
    reduction: z.enum(['mean', 'sum', 'none']).default('none'),
  }),
  compose({ x, target }, { alpha, gamma, reduction }) {
    if (target.shape.join() !== x.shape.join()) {
      throw shapeError('sigmoidFocalLoss', 'target', target, `the shape of x, ${formatShape(x.shape)}`);
    }
    const p = sigmoid(x);
    const missed = add(mul(p, sub(1, target)), mul(sigmoid(scale(x, -1)), target));
    const loss = mul(
      binaryCrossEntropyWithLogits(x, target, undefined, undefined, { reduction: 'none' }),
      gamma === 0 ? 1 : gamma === 1 ? missed : pow(missed, gamma),
    );
    if (alpha < 0) return reduced(loss, reduction);
    const weight = add(scale(target, 2 * alpha - 1), 1 - alpha);
    return reduced(mul(loss, weight), reduction);
  },
});

/** Margins between the labels that a sample has and the others. */
export const multilabelMarginLoss = defineComposite({
  name: 'multilabelMarginLoss',
  module: 'MultiLabelMarginLoss',
  doc:
    'Of x [N, C] (or [C]) and int32 labels of the same shape, of which those before the first -1 count: the sum over ' +
    'labels j and other classes i of max(0, 1 - (x[j] - x[i])), divided by C.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_margin_loss.html',
  inputs: ['x', 'target'],
  dtypes: { target: 'i32' },
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({ reduction }),
  compose({ x, target }, { reduction }) {
    const op = 'multilabelMarginLoss';
    checkTarget(op, x, target);
    if (x.rank > 2) throw shapeError(op, 'x', x, '[N, C] or [C]');
    const classes = x.shape[x.rank - 1];
    const counts = cast(cumprod(ge(target, 0), { dim: -1 }), { dtype: 'f32' });
    const labels = where(eq(counts, 0), 0, target);
    const numbers = x.graph.constant(
      Int32Array.from({ length: classes }, (_, i) => i),
      [classes],
    );
    // [..., label, class]
    const marks = mul(
      cast(eq(unsqueeze(labels, { dim: -1 }), numbers), { dtype: 'f32' }),
      unsqueeze(counts, { dim: -1 }),
    );
    const others = logicalNot(any(marks, { dim: -2 }));
    const own = unsqueeze(takeAlongDim(x, labels, { dim: -1 }), { dim: -1 });
    const gap = positive(add(sub(unsqueeze(x, { dim: -2 }), own), 1));
    const counted = mul(mul(gap, unsqueeze(counts, { dim: -1 })), unsqueeze(others, { dim: -2 }));
    return reduced(div(sum(counted, { dim: [-2, -1] }), classes), reduction);
  },
});
