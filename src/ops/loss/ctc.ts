/** ctcLoss: connectionist temporal classification. */
import ctcAlignment from '../../../shaders/loss/ctc.alignment.wgsl';
import ctcBackward from '../../../shaders/loss/ctc.backward.wgsl';
import partialsReduce from '../../../shaders/loss/partials.reduce.wgsl';
import { GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, inFloat32 } from '../../graph/ir/op';
import { groupSizeOf } from '../../kernels/constants';
import * as z from '../../schema';
import { loopRanges, shapeError } from '../common';
import { reduction, scaleOf } from './reduction';

const attrs = z.strictObject({
  blank: z.int().min(0).default(0),
  reduction,
  zeroInfinity: z.boolean().default(false),
});
type Attrs = z.output<typeof attrs>;

interface Sizes {
  steps: number;
  batch: number;
  classes: number;
  longest: number;
  /** The symbols of all samples one after the other, `longest` in all. */
  packed: boolean;
}

/** Sizes of a batch [T, N, C] with targets [N, S] or [sum of lengths], or of one sample [T, C] with targets [S]. */
function sizesOf({ shape, rank }: Tensor, targets: Tensor): Sizes {
  const longest = targets.shape[targets.rank - 1];
  if (rank === 2) return { steps: shape[0], batch: 1, classes: shape[1], longest, packed: false };
  return { steps: shape[0], batch: shape[1], classes: shape[2], longest, packed: targets.rank === 1 };
}

function paramsOf(sizes: Sizes, { blank, reduction, zeroInfinity }: Attrs) {
  return {
    ...sizes,
    blank,
    reduce: reduction !== 'none',
    zero_infinity: zeroInfinity,
    // The mean is over samples, of losses per symbol of the target.
    per_symbol: reduction === 'mean',
  };
}

/** The steps of each dispatch: a workgroup goes over all states of a step, and over the next. */
const stepRanges = ({ steps, longest }: Sizes) =>
  loopRanges(steps, Math.ceil((2 * longest + 1) / groupSizeOf(ctcAlignment.forward)) + 2).map(
    ({ first, end }) => ({ begin: first, end }),
  );

const INPUTS = ['logProbs', 'targets', 'inputLengths', 'targetLengths'] as const;

const alignment = defineInternal({
  name: 'ctcAlignment',
  inputs: INPUTS,
  outputs: ['y', 'losses', 'alpha'],
  shape({ logProbs, targets }, { reduction }: Attrs) {
    const { batch, steps, longest } = sizesOf(logProbs, targets);
    const each = logProbs.rank === 2 ? [] : [batch];
    return {
      y: reduction === 'none' ? each : [],
      losses: inFloat32([batch]),
      alpha: inFloat32([batch, steps, 2 * longest + 1]),
    };
  },
  lower({ logProbs, targets, inputLengths, targetLengths, y, losses, alpha }, attrs: Attrs, k) {
    const sizes = sizesOf(logProbs, targets);
    const { batch } = sizes;
    const reads = {
      log_probs: logProbs,
      symbols: targets,
      input_lengths: inputLengths,
      target_lengths: targetLengths,
    };
    const sums = k.scratch([Math.max(1, batch), 2]);
    const writes = { scores: alpha, losses, y, sums };
    for (const range of stepRanges(sizes)) {
      k.dispatch(
        ctcAlignment.forward,
        reads,
        writes,
        { ...paramsOf(sizes, attrs), ...range },
        { workgroups: batch },
      );
    }
    if (attrs.reduction === 'none') return;
    const finish = { count: batch, weighted: false, scale: scaleOf(attrs.reduction, batch) };
    k.dispatch(partialsReduce, { partials: sums }, { y, total: k.scratch([2]) }, finish, [1, 1, 1]);
  },
  backward({ logProbs, targets, inputLengths, targetLengths, losses, alpha, dy }, attrs) {
    if (!dy) return {};
    const inputs = { logProbs, targets, inputLengths, targetLengths, losses, alpha, dy };
    return { logProbs: alignmentGradient(inputs, attrs).dx };
  },
});

const alignmentGradient = defineInternal({
  name: 'ctcLossBackward',
  inputs: [...INPUTS, 'losses', 'alpha', 'dy'],
  outputs: ['dx'],
  fusion: { accumulates: ['dx'] },
  shape: ({ logProbs }) => ({ dx: logProbs }),
  lower({ logProbs, targets, inputLengths, targetLengths, losses, alpha, dy, dx }, attrs: Attrs, k) {
    const sizes = sizesOf(logProbs, targets);
    const params = paramsOf(sizes, attrs);
    const reads = {
      log_probs: logProbs,
      symbols: targets,
      input_lengths: inputLengths,
      target_lengths: targetLengths,
    };
    const shares = k.scratch(alpha.shape);
    const { steps, batch, classes, longest, blank, packed } = params;
    const scores = k.scratch(alpha.shape);
    for (const range of stepRanges(sizes)) {
      k.dispatch(
        ctcAlignment.backward,
        { ...reads, losses, alpha },
        { scores, shares },
        { steps, batch, classes, longest, blank, packed, ...range },
        { workgroups: batch },
      );
    }
    const scale = scaleOf(attrs.reduction, batch);
    const gradient = { ...params, n: dx.size, scale };
    loopRanges(longest, 2).forEach(({ first, end }, i) => {
      const range = { symbols_begin: first, symbols_end: end, accumulate: i > 0 ? 1 : k.accumulate('dx') };
      k.dispatch(
        ctcBackward,
        { ...reads, losses, shares, dy },
        { dx },
        { ...gradient, ...range },
        { threads: dx.size },
      );
    });
  },
});

/** Connectionist temporal classification of log probabilities [T, N, C] for symbols [N, S]. */
export const ctcLoss = defineComposite({
  name: 'ctcLoss',
  module: { name: 'CTCLoss', positional: ['blank'] },
  doc:
    'Connectionist temporal classification: -log of the probability of all alignments of the symbols `targets` [N, S], ' +
    'or [sum of `targetLengths`] one after the other, ' +
    'with the steps of the log probabilities [T, N, C]. The mean is over samples, each divided by its target length. ' +
    'The gradient takes `logProbs` as normalized (logSoftmax). A length beyond T or S gives NaN.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html',
  inputs: INPUTS,
  dtypes: { targets: 'i32', inputLengths: 'i32', targetLengths: 'i32' },
  outputs: ['y'],
  attrs,
  compose({ logProbs, targets, inputLengths, targetLengths }, attrs) {
    const batched = logProbs.rank === 3;
    if (!batched && logProbs.rank !== 2)
      throw shapeError('ctcLoss', 'logProbs', logProbs, '[T, N, C] or [T, C]');
    const padded = batched && targets.rank === 2 && targets.shape[0] === logProbs.shape[1];
    if (targets.rank !== 1 && !padded) {
      const expected = batched
        ? `[${logProbs.shape[1]}, S], padded to the longest, or [the sum of targetLengths]`
        : '[S]';
      throw shapeError('ctcLoss', 'targets', targets, expected);
    }
    const { batch, classes } = sizesOf(logProbs, targets);
    for (const [name, lengths] of Object.entries({ inputLengths, targetLengths })) {
      if (lengths.size !== batch || lengths.rank > 1)
        throw shapeError('ctcLoss', name, lengths, `[${batch}]`);
    }
    if (attrs.blank >= classes) {
      throw new GradloomError({
        code: 'argument',
        op: 'ctcLoss',
        argument: 'blank',
        got: String(attrs.blank),
        expected: `a class from 0 to ${classes - 1}`,
      });
    }
    return alignment({ logProbs, targets, inputLengths, targetLengths }, attrs).y;
  },
});
