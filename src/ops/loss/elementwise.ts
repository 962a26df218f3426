/** The losses with one term per element: regression, binary and distribution losses. */
import { formatShape, GradloomError } from '../../errors';
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { broadcastShapes, shapeError } from '../common';
import { expanded } from '../layout/repeat';
import { mean, viewAs } from '../reduce/sum';
import { type ElementAttrs, elementLoss } from './element';
import { reduction, scaleOf } from './reduction';

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.nn.functional.${name}.html`;

/** The number 1 for an absent weight. */
const one = (x: Tensor): Tensor => x.graph.constant(new Float32Array([1]), []);

/** Refuses a target of another shape, as PyTorch does where broadcasting is most likely a mistake. */
function sameShape(op: string, x: Tensor, target: Tensor): void {
  if (x.shape.join() === target.shape.join()) return;
  throw shapeError(op, 'target', target, `the shape of x, [${x.shape.join(', ')}]`);
}

/**
 * Refuses operands that hold one value for each other but would be paired all with all: `[N, 1]` and `[N]` to `[N, N]`,
 * where PyTorch warns. Other shapes broadcast.
 */
function checkPairs(op: string, shape: readonly number[], x: Tensor, second: Tensor): void {
  const whole = shape.join();
  const packed = ({ shape }: Tensor) => shape.filter((n) => n !== 1).join();
  if (x.shape.join() === whole || second.shape.join() === whole || packed(x) !== packed(second)) return;
  throw new GradloomError({
    code: 'shape',
    op,
    argument: op === 'marginRankingLoss' ? 'x2' : 'target',
    got: `${formatShape(second.shape)} beside ${formatShape(x.shape)}, which would be paired to ${formatShape(shape)}`,
    expected: `the shape of x, ${formatShape(x.shape)}`,
    fix: `Give one of them the other's shape, for example reshape(target, { shape: [${x.shape.join(', ')}] })`,
  });
}

type Options = Omit<ElementAttrs, 'scale' | 'differentiable'> &
  Partial<Pick<ElementAttrs, 'scale' | 'differentiable'>>;

/** Records the terms of x and its operands, broadcast against each other; a constant of one element stays as it is. */
function terms(
  op: string,
  x: Tensor,
  second: Tensor,
  options: Options,
  third?: Tensor,
  fourth?: Tensor,
): Tensor {
  const { reduction, differentiable = ['second'] } = options;
  const shape = broadcastShapes(op, x.shape, second.shape, ['x', 'target']);
  checkPairs(op, shape, x, second);
  const fitted = (operand: Tensor, argument: string): Tensor => {
    if (operand.shape.join() === shape.join()) return operand;
    if (broadcastShapes(op, shape, operand.shape, ['x', argument]).join() === shape.join())
      return expanded(operand, shape);
    throw shapeError(op, argument, operand, `a shape that broadcasts to [${shape.join(', ')}]`);
  };
  const constant = (operand: Tensor, argument: string) =>
    operand.size === 1 ? operand : fitted(operand, argument);
  const operands = {
    x: fitted(x, 'x'),
    second: fitted(second, 'target'),
    third: third && (differentiable.includes('third') ? fitted : constant)(third, 'weight'),
    fourth: fourth && constant(fourth, 'posWeight'),
  };
  return elementLoss(operands, { scale: scaleOf(reduction, sizeOf(shape)), ...options, differentiable }).y;
}

/** Mean squared error. */
export const mseLoss = defineComposite({
  name: 'mseLoss',
  module: 'MSELoss',
  doc: 'Mean squared error: (x - target)^2.',
  source: source('mse_loss'),
  inputs: ['x', 'target'],
  outputs: ['y'],
  attrs: z.strictObject({ reduction }),
  compose: ({ x, target }, attrs) => terms('mseLoss', x, target, { kind: 'mse', ...attrs }),
});

/** Mean absolute error. */
export const l1Loss = defineComposite({
  name: 'l1Loss',
  module: 'L1Loss',
  doc: 'Mean absolute error: |x - target|.',
  source: source('l1_loss'),
  inputs: ['x', 'target'],
  outputs: ['y'],
  attrs: z.strictObject({ reduction }),
  compose: ({ x, target }, attrs) => terms('l1Loss', x, target, { kind: 'l1', ...attrs }),
});

/** Quadratic below beta, linear above. */
export const smoothL1Loss = defineComposite({
  name: 'smoothL1Loss',
  module: 'SmoothL1Loss',
  doc: 'With d = |x - target|: d^2 / (2 beta) below beta, else d - beta / 2.',
  source: source('smooth_l1_loss'),
  inputs: ['x', 'target'],
  outputs: ['y'],
  attrs: z.strictObject({ reduction, beta: z.number().min(0).default(1) }),
  compose: ({ x, target }, { beta, reduction }) =>
    terms('smoothL1Loss', x, target, { kind: 'smoothL1', reduction, a: beta }),
});

/** Quadratic up to delta, linear above. */
export const huberLoss = defineComposite({
  name: 'huberLoss',
  module: 'HuberLoss',
  doc: 'With d = |x - target|: d^2 / 2 up to delta, else delta (d - delta / 2).',
  source: source('huber_loss'),
  inputs: ['x', 'target'],
  outputs: ['y'],
  attrs: z.strictObject({ reduction, delta: z.number().positive().default(1) }),
  compose: ({ x, target }, { delta, reduction }) =>
    terms('huberLoss', x, target, { kind: 'huber', reduction, a: delta }),
});

/** Cross-entropy of probabilities of two classes. */
export const binaryCrossEntropy = defineComposite({
  name: 'binaryCrossEntropy',
  module: 'BCELoss',
  aliases: ['bce'],
  doc:
    'For probabilities x: -weight (target log x + (1 - target) log(1 - x)), the logarithms not below -100. ' +
    'The target has no gradient.',
  source: source('binary_cross_entropy'),
  inputs: ['x', 'target', 'weight?'],
  outputs: ['y'],
  attrs: z.strictObject({ reduction }),
  compose({ x, target, weight }, attrs) {
    sameShape('binaryCrossEntropy', x, target);
    const options = { kind: 'bce', differentiable: [], ...attrs } as const;
    return terms('binaryCrossEntropy', x, target, options, weight ?? one(x));
  },
});

/** Cross-entropy of logits of two classes. */
export const binaryCrossEntropyWithLogits = defineComposite({
  name: 'binaryCrossEntropyWithLogits',
  module: 'BCEWithLogitsLoss',
  aliases: ['bceWithLogits'],
  doc:
    'Binary cross-entropy of sigmoid(x), without overflow: ' +
    '-weight (posWeight target log sigmoid(x) + (1 - target) log sigmoid(-x)).',
  source: source('binary_cross_entropy_with_logits'),
  inputs: ['x', 'target', 'weight?', 'posWeight?'],
  outputs: ['y'],
  attrs: z.strictObject({ reduction }),
  compose({ x, target, weight, posWeight }, attrs) {
    sameShape('binaryCrossEntropyWithLogits', x, target);
    const options = { kind: 'bceLogits', ...attrs } as const;
    return terms('binaryCrossEntropyWithLogits', x, target, options, weight ?? one(x), posWeight ?? one(x));
  },
});

/** Kullback-Leibler divergence of a target from log probabilities x. */
export const klDiv = defineComposite({
  name: 'klDiv',
  module: 'KLDivLoss',
  doc:
    'Kullback-Leibler divergence of target and log probabilities x: target (log target - x), or with `logTarget` ' +
    "exp(target) (target - x). 'batchmean' divides the sum by the size of dim 0.",
  source: source('kl_div'),
  inputs: ['x', 'target'],
  outputs: ['y'],
  attrs: z.strictObject({
    reduction: z.enum(['mean', 'batchmean', 'sum', 'none']).default('mean'),
    logTarget: z.boolean().default(false),
  }),
  compose({ x, target }, { reduction, logTarget }) {
    const kind = logTarget ? 'klDivLog' : 'klDiv';
    if (reduction !== 'batchmean') return terms('klDiv', x, target, { kind, reduction });
    const batch = broadcastShapes('klDiv', x.shape, target.shape, ['x', 'target'])[0] ?? 1;
    return terms('klDiv', x, target, { kind, reduction: 'mean', scale: scaleOf('mean', batch) });
  },
});

/** Negative log-likelihood of a Poisson distribution. */
export const poissonNllLoss = defineComposite({
  name: 'poissonNllLoss',
  module: 'PoissonNLLLoss',
  doc:
    'Negative log-likelihood of a Poisson distribution: exp(x) - target x, without `logInput` x - target log(x + eps). ' +
    "`full` adds Stirling's approximation of log(target!) where target is above 1.",
  source: source('poisson_nll_loss'),
  inputs: ['x', 'target'],
  outputs: ['y'],
  attrs: z.strictObject({
    logInput: z.boolean().default(true),
    full: z.boolean().default(false),
    eps: z.number().min(0).default(1e-8),
    reduction,
  }),
  compose: ({ x, target }, { logInput, full, eps, reduction }) =>
    terms('poissonNllLoss', x, target, {
      kind: logInput ? 'poissonLog' : 'poisson',
      reduction,
      full,
      a: eps,
    }),
});

/** Negative log-likelihood of a normal distribution with given variance. */
export const gaussianNllLoss = defineComposite({
  name: 'gaussianNllLoss',
  module: 'GaussianNLLLoss',
  doc:
    'Negative log-likelihood of a normal distribution with mean x and variance v = max(var, eps): ' +
    '(log v + (x - target)^2 / v) / 2; `full` adds log(2 pi) / 2. `var` broadcasts, and may leave the last dim out.',
  source: source('gaussian_nll_loss'),
  inputs: ['x', 'target', 'var'],
  outputs: ['y'],
  attrs: z.strictObject({
    full: z.boolean().default(false),
    eps: z.number().positive().default(1e-6),
    reduction,
  }),
  compose({ x, target, var: variance }, { full, eps, reduction }) {
    const perSample = variance.rank === x.rank - 1 && variance.shape.join() === x.shape.slice(0, -1).join();
    const fitted = perSample ? viewAs(variance, [...variance.shape, 1]) : variance;
    const options = {
      kind: 'gaussian',
      reduction,
      full,
      a: eps,
      differentiable: ['second', 'third'],
    } as const;
    return terms('gaussianNllLoss', x, target, options, fitted);
  },
});

/** Logistic loss for targets of 1 and -1. */
export const softMarginLoss = defineComposite({
  name: 'softMarginLoss',
  module: 'SoftMarginLoss',
  doc: 'log(1 + exp(-target x)) for targets of 1 and -1, which have no gradient.',
  source: source('soft_margin_loss'),
  inputs: ['x', 'target'],
  outputs: ['y'],
  attrs: z.strictObject({ reduction }),
  compose: ({ x, target }, attrs) =>
    terms('softMarginLoss', x, target, { kind: 'softMargin', differentiable: [], ...attrs }),
});

/** Distances of similar (target 1) and dissimilar (-1) pairs. */
export const hingeEmbeddingLoss = defineComposite({
  name: 'hingeEmbeddingLoss',
  module: { name: 'HingeEmbeddingLoss', positional: ['margin'] },
  doc: 'x where target is 1, max(0, margin - x) where it is -1. The target has no gradient.',
  source: source('hinge_embedding_loss'),
  inputs: ['x', 'target'],
  outputs: ['y'],
  attrs: z.strictObject({ margin: z.number().default(1), reduction }),
  compose: ({ x, target }, { margin, reduction }) =>
    terms('hingeEmbeddingLoss', x, target, { kind: 'hinge', differentiable: [], reduction, a: margin }),
});

/** Which of two scores ranks higher. */
export const marginRankingLoss = defineComposite({
  name: 'marginRankingLoss',
  module: { name: 'MarginRankingLoss', positional: ['margin'] },
  doc: 'max(0, margin - target (x1 - x2)) for targets of 1 (x1 ranks higher) and -1, which have no gradient.',
  source: source('margin_ranking_loss'),
  inputs: ['x1', 'x2', 'target'],
  inputAliases: { input1: 'x1', input2: 'x2' },
  outputs: ['y'],
  attrs: z.strictObject({ margin: z.number().default(0), reduction }),
  compose: ({ x1, x2, target }, { margin, reduction }) =>
    terms('marginRankingLoss', x1, x2, { kind: 'ranking', reduction, a: margin }, target),
});

/** Binary cross-entropy over classes that do not exclude each other. */
export const multilabelSoftMarginLoss = defineComposite({
  name: 'multilabelSoftMarginLoss',
  module: 'MultiLabelSoftMarginLoss',
  doc:
    'Mean over the classes, the last dim, of -weight[c] (target log sigmoid(x) + (1 - target) log sigmoid(-x)). ' +
    'The target has no gradient.',
  source: source('multilabel_soft_margin_loss'),
  inputs: ['x', 'target', 'weight?'],
  outputs: ['y'],
  attrs: z.strictObject({ reduction }),
  compose({ x, target, weight }, { reduction }) {
    sameShape('multilabelSoftMarginLoss', x, target);
    if (x.rank === 0) throw shapeError('multilabelSoftMarginLoss', 'x', x, '[..., classes]');
    // The mean over classes and then over samples is the mean over all.
    const scale = reduction === 'sum' ? 1 / x.shape[x.rank - 1] : undefined;
    const options = { kind: 'bceLogits', differentiable: [], reduction, ...(scale && { scale }) } as const;
    const y = terms('multilabelSoftMarginLoss', x, target, options, weight ?? one(x), one(x));
    return reduction === 'none' ? mean(y, { dim: -1 }) : y;
  },
});
