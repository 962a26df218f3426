/** Random cases of the losses: reductions, class weights, ignored and smoothed targets, lengths. */
import fc from 'fast-check';
import { logProbabilities } from '../loss.ctc';
import type { InputSpec, OpCase } from '../types';
import {
  type Arbitraries,
  casesOf,
  count,
  distinct,
  fillOf,
  nonzero,
  oneOf,
  product,
  shapes,
  size,
  uniform,
} from './common';

type Attrs = Record<string, unknown>;
const reduction = oneOf('mean', 'sum', 'none');

const constants = (low: number, high: number, shape: number[]): InputSpec => ({
  shape,
  fill: 'uniform',
  range: [low, high],
  differentiable: false,
});

/** Labels of +1 and -1. */
const signs = (shape: number[]): InputSpec => ({
  shape,
  fill: 'awayFromZero',
  range: [1, 1],
  differentiable: false,
});

/** Cases of a loss with one term per element of x and target, filled as in its own cases. */
function pairs(op: string, attrs: fc.Arbitrary<Attrs> = fc.constant({})) {
  const [x, target] = [fillOf(op, 'x'), fillOf(op, 'target')];
  return casesOf(
    { shape: shapes({ min: 1 }), reduction, attrs },
    ({ shape, reduction, attrs }): OpCase => ({
      attrs: { ...attrs, reduction },
      inputs: { x: x(shape), target: target(shape) },
    }),
  );
}

/** Weights of the elements: none, the same shape, or a row. */
const weights = oneOf<(shape: number[]) => number[] | undefined>(
  () => undefined,
  (shape) => shape,
  (shape) => shape.slice(-1),
);
const withWeights = (name: string, shape: number[] | undefined): OpCase['inputs'] =>
  shape ? { [name]: constants(0.5, 3, shape) } : {};

const matrix = shapes({ min: 1, max: 3 });

const binaryCrossEntropy = casesOf(
  { shape: matrix, weights, reduction },
  ({ shape, weights, reduction }): OpCase => ({
    attrs: { reduction },
    inputs: {
      x: uniform(0.05, 0.95, shape),
      target: constants(0, 1, shape),
      ...withWeights('weight', weights(shape)),
    },
  }),
);

const binaryCrossEntropyWithLogits = casesOf(
  { shape: matrix, weights, positives: weights, reduction },
  ({ shape, weights, positives, reduction }): OpCase => ({
    attrs: { reduction },
    inputs: {
      x: shape,
      target: uniform(0, 1, shape),
      ...withWeights('weight', weights(shape)),
      ...withWeights('posWeight', positives(shape)),
    },
  }),
);

const klDiv = casesOf(
  { shape: matrix, reduction: oneOf('mean', 'batchmean', 'sum', 'none'), logTarget: fc.boolean() },
  ({ shape, reduction, logTarget }): OpCase => ({
    attrs: { reduction, logTarget },
    inputs: {
      x: uniform(-4, -0.1, shape),
      target: logTarget ? uniform(-4, -0.1, shape) : uniform(0.05, 0.95, shape),
    },
  }),
);

const poissonNllLoss = casesOf(
  { shape: matrix, reduction, logInput: fc.boolean(), full: fc.boolean(), eps: oneOf(1e-8, 0.1) },
  ({ shape, reduction, logInput, full, eps }): OpCase => ({
    attrs: { reduction, logInput, full, eps },
    // Stirling's term sets in at 1 with a jump.
    inputs: { x: logInput ? shape : uniform(0.2, 4, shape), target: uniform(full ? 1.2 : 0, 5, shape) },
  }),
);

const gaussianNllLoss = casesOf(
  { shape: matrix, reduction, full: fc.boolean(), variance: oneOf('same', 'row', 'missing') },
  ({ shape, reduction, full, variance }): OpCase => {
    const leading = shape.slice(0, -1);
    const perRow = leading.length > 0 && variance === 'missing' ? leading : [...leading, 1];
    return {
      attrs: { reduction, full },
      inputs: { x: shape, target: shape, var: uniform(0.3, 3, variance === 'same' ? shape : perRow) },
    };
  },
);

/** Classes, positions behind them, and targets of which some may be ignored (never the first). */
const classified = {
  batch: size(40),
  classes: size(40),
  positions: shapes({ max: 2, most: 9 }),
  raw: fc.array(fc.nat(1000), { minLength: 7, maxLength: 7 }),
  ignore: oneOf<'none' | 'default' | 'negative' | 'class'>('none', 'default', 'negative', 'class'),
  weighted: fc.boolean(),
  reduction,
};
type Classified = {
  [K in keyof typeof classified]: (typeof classified)[K] extends fc.Arbitrary<infer T> ? T : never;
};

function classCase(
  { batch, classes, positions, raw, ignore, weighted, reduction }: Classified,
  attrs: Attrs,
): OpCase {
  const rows = Math.min(batch, Math.max(1, Math.floor(400 / (classes * product(positions)))));
  const shape = [rows, ...positions];
  const usesClass = ignore === 'class' && classes > 1;
  const ignoreIndex = usesClass ? 0 : ignore === 'negative' ? -1 : -100;
  const values = Array.from({ length: product(shape) }, (_, i) => {
    const value = (raw[i % raw.length] + 3 * i) % (classes + 1);
    const ignored = value === classes && ignore !== 'none';
    if (i > 0 && ignored) return ignoreIndex;
    return i === 0 && usesClass ? classes - 1 : value % classes;
  });
  const given = ignoreIndex === -100 ? {} : { ignoreIndex };
  return {
    attrs: { ...attrs, ...given, reduction },
    // The gradients of a single class are 0, of which float32 leaves a rounding error.
    ...(classes === 1 ? { gradientScale: 1 } : {}),
    inputs: {
      x: [rows, classes, ...positions],
      target: { shape, dtype: 'i32', values },
      ...(weighted ? { weight: constants(0.3, 2, [classes]) } : {}),
    },
  };
}

const smoothing = oneOf(0, 0, 0.1, 0.4, 1);
const crossEntropy = casesOf(
  { ...classified, labelSmoothing: smoothing, probabilities: oneOf(false, false, true) },
  ({ labelSmoothing, probabilities, ...rest }): OpCase => {
    if (!probabilities) return classCase(rest as Classified, { labelSmoothing });
    const made = classCase({ ...rest, ignore: 'none' } as Classified, { labelSmoothing });
    const { inputs } = made;
    return { ...made, inputs: { ...inputs, target: uniform(0.02, 0.5, inputs.x as number[]) } };
  },
);

/** Scores and one class per row. */
const scored = { rows: size(20), classes: size(20), reduction, weighted: fc.boolean() };
const targets = (rows: number, classes: number): InputSpec => ({
  shape: [rows],
  dtype: 'i32',
  range: [0, classes],
});
const classWeights = (weighted: boolean, classes: number): OpCase['inputs'] =>
  weighted ? { weight: constants(0.3, 2, [classes]) } : {};

const multiMarginLoss = casesOf(
  { ...scored, p: count(2), margin: oneOf(0.5, 1, 2) },
  ({ rows, classes, reduction, weighted, p, margin }): OpCase => ({
    attrs: { p, margin, reduction },
    inputs: {
      x: distinct([rows, classes]),
      target: targets(rows, classes),
      ...classWeights(weighted, classes),
    },
  }),
);

const multilabelSoftMarginLoss = casesOf(
  scored,
  ({ rows, classes, reduction, weighted }): OpCase => ({
    attrs: { reduction },
    inputs: {
      x: [rows, classes],
      target: { shape: [rows, classes], fill: 'integer', range: [0, 2], differentiable: false },
      ...classWeights(weighted, classes),
    },
  }),
);

const distillationLoss = casesOf(
  { rows: size(20), classes: size(20), temperature: oneOf(0.5, 1, 4), alpha: oneOf(0, 0.5, 0.7, 1) },
  ({ rows, classes, temperature, alpha }): OpCase => ({
    attrs: { temperature, alpha },
    inputs: { x: [rows, classes], teacher: [rows, classes], target: targets(rows, classes) },
  }),
);

const accuracy = casesOf(
  { rows: size(), classes: size(), positions: shapes({ max: 1, most: 3 }) },
  ({ rows, classes, positions }): OpCase => ({
    gradient: false,
    inputs: {
      x: distinct([rows, classes, ...positions]),
      target: { shape: [rows, ...positions], dtype: 'i32', range: [0, classes] },
    },
  }),
);

const vectors = { rows: size(20), length: size(40).map((n) => n + 1), reduction };

const cosineEmbeddingLoss = casesOf(
  { ...vectors, margin: oneOf(0, 0.2, -0.9) },
  ({ rows, length, reduction, margin }): OpCase => ({
    attrs: { margin, reduction },
    inputs: { x1: [rows, length], x2: [rows, length], target: signs([rows]) },
  }),
);

const marginRankingLoss = casesOf(
  { shape: shapes({ min: 1 }), reduction, margin: oneOf(0, 0.5, 1) },
  ({ shape, reduction, margin }): OpCase => ({
    attrs: { margin, reduction },
    inputs: { x1: distinct(shape), x2: uniform(-0.05, 0.05, shape), target: signs(shape) },
  }),
);

const tripletMarginLoss = casesOf(
  { ...vectors, margin: oneOf(1, 2, 4), swap: fc.boolean(), p: oneOf(2, 2, 3), eps: oneOf(1e-6, 0.1) },
  ({ rows, length, reduction, margin, swap, p, eps }): OpCase => ({
    attrs: { margin, swap, p, eps, reduction },
    inputs: { anchor: [rows, length], positive: [rows, length], negative: [rows, length] },
  }),
);

/** Always possible: a blank fits between any two symbols. */
const ctcLoss = casesOf(
  {
    lengths: fc.array(fc.record({ target: fc.nat(6), spare: fc.nat(5) }), { minLength: 1, maxLength: 3 }),
    classes: count(6),
    blankLast: fc.boolean(),
    reduction,
  },
  ({ lengths, classes, blankLast, reduction }): OpCase => {
    const longest = Math.max(1, ...lengths.map(({ target }) => target));
    const inputLengths = lengths.map(({ target, spare }) => Math.max(1, 2 * target + spare));
    const blank = blankLast ? classes : 0;
    const integers = (values: number[]): InputSpec => ({ shape: [values.length], dtype: 'i32', values });
    return {
      attrs: { blank, reduction },
      inputs: {
        logProbs: logProbabilities(Math.max(...inputLengths), lengths.length, classes + 1),
        targets: {
          shape: [lengths.length, longest],
          dtype: 'i32',
          range: blankLast ? [0, classes] : [1, classes + 1],
        },
        inputLengths: integers(inputLengths),
        targetLengths: integers(lengths.map(({ target }) => target)),
      },
    };
  },
);

const margins = casesOf(
  { shape: shapes({ min: 1 }), reduction, margin: oneOf(0.5, 1, 2) },
  ({ shape, reduction, margin }): OpCase => ({
    attrs: { margin, reduction },
    inputs: { x: distinct(shape), target: signs(shape) },
  }),
);

const softMarginLoss = casesOf(
  { shape: shapes({ min: 1 }), reduction },
  ({ shape, reduction }): OpCase => ({
    attrs: { reduction },
    inputs: { x: nonzero(shape), target: signs(shape) },
  }),
);

/** Predictions and labels of 0 and 1 of one shape. */
const labelled = (attrs: fc.Arbitrary<Record<string, unknown>> = fc.constant({})) =>
  casesOf(
    { shape: shapes({ min: 1 }), reduction, attrs },
    ({ shape, reduction, attrs }): OpCase => ({
      attrs: { reduction, ...attrs },
      inputs: { x: shape, target: { shape, fill: 'integer', range: [0, 2], differentiable: false } },
    }),
  );

const logCosh = casesOf(
  { shape: shapes({ min: 1 }), reduction },
  ({ shape, reduction }): OpCase => ({ attrs: { reduction }, inputs: { x: shape, target: shape } }),
);

const multilabelMarginLoss = casesOf(
  { rows: size(9), classes: size(9), reduction },
  ({ rows, classes, reduction }): OpCase => ({
    attrs: { reduction },
    inputs: {
      x: distinct([rows, classes]),
      target: { shape: [rows, classes], dtype: 'i32', range: [-1, classes] },
    },
  }),
);

/** Random cases of this family. */
export const loss: Arbitraries = {
  mseLoss: pairs('mseLoss'),
  l1Loss: pairs('l1Loss'),
  smoothL1Loss: pairs('smoothL1Loss', fc.record({ beta: oneOf(0, 0.3, 1, 2.5) })),
  huberLoss: pairs('huberLoss', fc.record({ delta: oneOf(0.3, 1, 2.5) })),
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  klDiv,
  poissonNllLoss,
  gaussianNllLoss,
  softMarginLoss,
  hingeEmbeddingLoss: margins,
  crossEntropy,
  nllLoss: casesOf(classified, (drawn) => classCase(drawn as Classified, {})),
  multiMarginLoss,
  multilabelSoftMarginLoss,
  distillationLoss,
  accuracy,
  classificationError: accuracy,
  cosineEmbeddingLoss,
  marginRankingLoss,
  tripletMarginLoss,
  ctcLoss,
  hinge: labelled(),
  squaredHinge: labelled(),
  categoricalHinge: labelled(),
  logCosh,
  sigmoidFocalLoss: labelled(fc.record({ alpha: oneOf(-1, 0.25, 0.8), gamma: oneOf(0, 1, 2, 3.5) })),
  multilabelMarginLoss,
};
