/**
 * Losses of samples that count differently: the mean is sum(w l) / sum(w), as PyTorch's losses reduce with class weights; with
 * `reduction: 'sum'` sum(w l). A batch whose weights are all 0 has the loss 0.
 */
import { GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import {
  argmax,
  cast,
  div,
  eq,
  gt,
  le,
  logicalAnd,
  logicalOr,
  mul,
  ne,
  nllLoss,
  reshape,
  stack,
  sum,
  where,
} from '../ops';
import { CLASS_DIMS, THRESHOLDS } from './accuracy';
import { classifies } from './labels';
import { ignoredIndex, type LossFunction, type LossSpec, nameOf } from './loss';

/** A loss as it is recorded with weights. */
export interface Weighted {
  spec: LossSpec | LossFunction;
  name: string | undefined;
  reduced: LossFunction;
  /** The loss of each element. */
  each?: LossFunction;
}

/** @param weight [N] @throws GradloomError `argument` for functions that take no weights. */
export function weightedLoss(
  { spec, name, reduced, each }: Weighted,
  x: Tensor,
  target: Tensor,
  weight: Tensor,
): Tensor {
  if (typeof spec === 'function') {
    if (spec.length >= 3) return spec(x, target, weight);
    throw new GradloomError({
      code: 'argument',
      op: 'Trainer',
      argument: 'sampleWeight',
      got: 'given with a loss function of output and target',
      expected: 'a function (output, target, weight) => loss, or a loss by name',
    });
  }
  const options: Record<string, unknown> = typeof spec === 'string' ? {} : spec;
  const terms = rows(each ? each(x, target) : reduced(x, target), weight);
  const weighted = sum(mul(terms, column(weight)));
  if (options.reduction === 'sum') return weighted;
  if (options.reduction === 'batchmean') return ratio(weighted, sum(weight));
  const counts = elementCounts(name, options, x, target);
  const total = counts ? sum(mul(rows(counts, weight), column(weight))) : sum(weight);
  return ratio(weighted, counts ? total : mul(total, terms.size / weight.size));
}

/** Weight of each class index; 0 where it is ignored. */
function elementCounts(
  name: string | undefined,
  options: Record<string, unknown>,
  x: Tensor,
  target: Tensor,
) {
  if ((name !== 'crossEntropy' && name !== 'nllLoss') || !classifies(x, target)) return undefined;
  const { graph } = x;
  const minusOne = graph.constant(new Float32Array(x.size).fill(-1), [...x.shape]);
  const classWeight = options.weight as ArrayLike<number> | undefined;
  const given = classWeight && graph.constant(Float32Array.from(classWeight, Number), [classWeight.length]);
  return nllLoss(minusOne, target, given, {
    reduction: 'none',
    ignoreIndex: ignoredIndex(options as LossSpec),
  });
}

/**
 * (weighted right predictions, sum of weights), `[2]`; where predictions are neither right nor wrong (NaN, sum of weights), by which
 * batches are averaged.
 */
export function weightedCounts(
  spec: LossSpec | LossFunction,
  x: Tensor,
  target: Tensor,
  weight: Tensor,
): Tensor {
  const name = typeof spec === 'function' ? '' : nameOf(spec);
  const right = rightOf(name, ignoredIndex(spec), x, target);
  if (!right) {
    return reshape(stack([x.graph.scalar(Number.NaN), sum(weight)]), { shape: [2] });
  }
  const [hits, all] = [right.hits, right.counts].map((mask) => {
    const each = rows(cast(mask, { dtype: 'float32' }), weight);
    return sum(mul(each, column(weight)));
  });
  return stack([hits, all]);
}

/** Which predictions are right, and which count. */
function rightOf(name: string, ignoreIndex: number, x: Tensor, target: Tensor) {
  if (classifies(x, target)) {
    const counts = ne(target, ignoreIndex);
    return { hits: logicalAnd(eq(argmax(x, { dim: 1 }), target), counts), counts };
  }
  if (x.shape.join() !== target.shape.join()) return undefined;
  if (THRESHOLDS[name]) {
    const [output, label] = THRESHOLDS[name];
    const both = logicalAnd(gt(x, output), gt(target, label));
    const neither = logicalAnd(le(x, output), le(target, label));
    return { hits: logicalOr(both, neither), counts: eq(target, target) };
  }
  const dim = CLASS_DIMS[name];
  if (dim === undefined) return undefined;
  const [given, wanted] = [x, target].map((tensor) => argmax(tensor, { dim }));
  return { hits: eq(given, wanted), counts: eq(wanted, wanted) };
}

/** [N, elements of a sample], whose rows are samples also where positions were made rows. */
const rows = (x: Tensor, weight: Tensor): Tensor => reshape(x, { shape: [weight.size, -1] });
const column = (weight: Tensor): Tensor => reshape(weight, { shape: [-1, 1] });

const ratio = (part: Tensor, whole: Tensor): Tensor => div(part, where(eq(whole, 0), 1, whole));
