/**
 * Float64 reference of connectionist temporal classification in log space.
 * Source: Graves et al., "Connectionist Temporal Classification", ICML 2006. Semantics:
 * torch.nn.functional.ctc_loss.
 */
import { Random } from '../random';
import { reduceLoss } from './loss.reduction';
import { fromValues, makeArray, mapLanes } from './ndarray';
import { logSoftmaxLane } from './softmax';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

/** log(exp(a) + exp(b) + ...), -Infinity when nothing is possible. */
function logAdd(...values: number[]): number {
  const top = Math.max(...values);
  if (top === -Infinity) return top;
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

/**
 * -log of the probability that the path of symbols, with repeats merged and blanks dropped, is `target`.
 * `logProb(t, c)` is the log probability of symbol c at step t.
 */
function alignmentLoss(
  logProb: (t: number, c: number) => number,
  steps: number,
  target: number[],
  blank: number,
): number {
  // Blanks before, between and after the symbols.
  const extended = [blank, ...target.flatMap((symbol) => [symbol, blank])];
  // alpha[s]: all ways to have emitted extended[0..s] by now, the last step being at s.
  let alpha = extended.map((symbol, s) => (s < 2 ? logProb(0, symbol) : -Infinity));
  for (let t = 1; t < steps; t++) {
    const previous = alpha;
    const from = (s: number) => (s >= 0 ? previous[s] : -Infinity);
    alpha = extended.map((symbol, s) => {
      // A blank may be skipped between two different symbols only.
      const skips = symbol !== blank && s >= 2 && symbol !== extended[s - 2];
      return logAdd(from(s), from(s - 1), skips ? from(s - 2) : -Infinity) + logProb(t, symbol);
    });
  }
  const last = extended.length - 1;
  return -(last === 0 ? alpha[0] : logAdd(alpha[last], alpha[last - 1]));
}

/**
 * PyTorch's gradient is not that of the function of free numbers `logProbs`, it takes them as normalized:
 * exp(logProbs) minus the symbol's share of the alignments. That is the gradient of the loss of
 * logSoftmax(logProbs), which for log probabilities is the same loss. 'mean' divides each loss by its
 * target's length (at least 1) first.
 */
function ctcLoss(inputs: Record<string, NdArray>, attrs: any): Record<string, NdArray> {
  const { blank = 0, reduction = 'mean', zeroInfinity = false } = attrs;
  const { targets, inputLengths, targetLengths } = inputs;
  const logProbs = mapLanes(inputs.logProbs, 2, logSoftmaxLane);
  const [, batch, classes] = logProbs.shape;
  const losses = makeArray([batch]);
  let packed = 0;
  for (let n = 0; n < batch; n++) {
    const start = targets.shape.length === 1 ? packed : n * targets.shape[1];
    packed += targetLengths.data[n];
    const target = Array.from(targets.data.slice(start, start + targetLengths.data[n]));
    const logProb = (t: number, c: number) => logProbs.data[(t * batch + n) * classes + c];
    const loss = alignmentLoss(logProb, inputLengths.data[n], target, blank);
    losses.data[n] = loss === Infinity && zeroInfinity ? 0 : loss;
    if (reduction === 'mean') losses.data[n] /= Math.max(target.length, 1);
  }
  return { y: reduceLoss(losses, reduction) };
}

/** Log probabilities [steps, batch, classes] of normal logits. */
export function logProbabilities(steps: number, batch: number, classes: number): InputSpec {
  const shape = [steps, batch, classes];
  const random = new Random(steps * 10007 + batch * 101 + classes, 'log probabilities');
  const logits = Array.from({ length: steps * batch * classes }, () => random.normal());
  return { shape, values: Array.from(mapLanes(fromValues(shape, logits), 2, logSoftmaxLane).data) };
}

function integers(...values: number[]): InputSpec {
  return { shape: [values.length], dtype: 'i32', values };
}

/** Symbols from `low` to `high` - 1. */
function symbols(low: number, high: number, ...shape: number[]): InputSpec {
  return { shape, dtype: 'i32', range: [low, high] };
}

const cases: OpCase[] = [
  {
    inputs: {
      logProbs: logProbabilities(8, 3, 5),
      targets: symbols(1, 5, 3, 3),
      inputLengths: integers(8, 8, 8),
      targetLengths: integers(3, 3, 3),
    },
  },
  {
    name: 'lengths differ',
    inputs: {
      logProbs: logProbabilities(9, 4, 4),
      targets: symbols(1, 4, 4, 3),
      inputLengths: integers(9, 7, 6, 8),
      targetLengths: integers(2, 3, 1, 2),
    },
  },
  {
    attrs: { reduction: 'sum' },
    inputs: {
      logProbs: logProbabilities(7, 2, 6),
      targets: symbols(1, 6, 2, 3),
      inputLengths: integers(7, 6),
      targetLengths: integers(2, 3),
    },
  },
  {
    attrs: { reduction: 'none' },
    inputs: {
      logProbs: logProbabilities(6, 3, 3),
      targets: symbols(1, 3, 3, 2),
      inputLengths: integers(6, 5, 6),
      targetLengths: integers(2, 2, 1),
    },
  },
  {
    attrs: { blank: 3, reduction: 'none' },
    inputs: {
      logProbs: logProbabilities(7, 2, 4),
      targets: symbols(0, 3, 2, 3),
      inputLengths: integers(7, 7),
      targetLengths: integers(3, 2),
    },
  },
  {
    name: 'repeated symbols need a blank between',
    attrs: { reduction: 'none' },
    inputs: {
      logProbs: logProbabilities(7, 2, 3),
      targets: { shape: [2, 4], dtype: 'i32', values: [1, 1, 2, 2, 2, 2, 2, 1] },
      inputLengths: integers(7, 7),
      targetLengths: integers(4, 3),
    },
  },
  {
    name: 'empty target',
    inputs: {
      logProbs: logProbabilities(5, 2, 3),
      targets: symbols(1, 3, 2, 2),
      inputLengths: integers(5, 4),
      targetLengths: integers(0, 2),
    },
  },
  {
    name: 'one step, one symbol',
    inputs: {
      logProbs: logProbabilities(1, 1, 2),
      targets: symbols(1, 2, 1, 1),
      inputLengths: integers(1),
      targetLengths: integers(1),
    },
  },
  {
    name: 'just long enough',
    attrs: { reduction: 'none' },
    inputs: {
      logProbs: logProbabilities(3, 2, 4),
      targets: { shape: [2, 3], dtype: 'i32', values: [1, 2, 3, 2, 2, 0] },
      inputLengths: integers(3, 3),
      targetLengths: integers(3, 2),
    },
  },
  {
    name: 'impossible: infinite',
    attrs: { reduction: 'none' },
    gradient: false,
    inputs: {
      logProbs: logProbabilities(3, 2, 4),
      targets: { shape: [2, 3], dtype: 'i32', values: [1, 1, 2, 1, 2, 3] },
      inputLengths: integers(3, 3),
      targetLengths: integers(3, 2),
    },
  },
  {
    name: 'impossible, with gradient 0',
    attrs: { zeroInfinity: true },
    inputs: {
      logProbs: logProbabilities(3, 2, 4),
      targets: { shape: [2, 3], dtype: 'i32', values: [1, 1, 2, 1, 2, 3] },
      inputLengths: integers(3, 3),
      targetLengths: integers(3, 2),
    },
  },
  {
    name: 'long',
    attrs: { zeroInfinity: true },
    inputs: {
      logProbs: logProbabilities(67, 2, 11),
      targets: symbols(1, 11, 2, 19),
      inputLengths: integers(67, 53),
      targetLengths: integers(19, 17),
    },
  },
  {
    name: 'concatenated targets',
    inputs: {
      logProbs: logProbabilities(9, 4, 4),
      targets: symbols(1, 4, 7),
      inputLengths: integers(9, 7, 6, 8),
      targetLengths: integers(2, 3, 0, 2),
    },
  },
];

/** The references by canonical name. */
export const references: Record<string, Reference> = { ctcLoss: { forward: ctcLoss, cases } };
