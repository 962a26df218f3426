/** Losses of torch.nn with a distance or parameters of their own; the others are modules of their ops. */
import { checkOptions, checkSizes } from '../checks';
import { GradloomError, showValue } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import {
  add,
  argmax,
  cat,
  clampMin,
  gather,
  ge,
  logicalAnd,
  logSoftmax,
  lt,
  maximum,
  mean,
  minimum,
  narrow,
  neg,
  pairwiseDistance,
  squeeze,
  sub,
  sum,
  unsqueeze,
  where,
} from '../ops';
import { ModuleList, Sequential } from './container';
import { Linear } from './linear';
import { Module } from './module';

export interface TripletMarginWithDistanceLossOptions {
  /** Distance [N] of vectors [N, ...]; default `pairwiseDistance`. */
  distanceFunction?: (x1: Tensor, x2: Tensor) => Tensor;
  /** Default 1. */
  margin?: number;
  /** Whether the negative is compared with the nearer one of anchor and positive. */
  swap?: boolean;
  reduction?: 'mean' | 'sum' | 'none';
}

/** torch.nn.TripletMarginWithDistanceLoss: max(0, d(anchor, positive) - d(anchor, negative) + margin). */
export class TripletMarginWithDistanceLoss extends Module {
  private readonly options: Required<TripletMarginWithDistanceLossOptions>;

  constructor(options: TripletMarginWithDistanceLossOptions = {}) {
    super();
    const name = 'TripletMarginWithDistanceLoss';
    checkOptions(name, options, ['distanceFunction', 'margin', 'swap', 'reduction']);
    const { distanceFunction = pairwiseDistance, margin = 1, swap = false, reduction = 'mean' } = options;
    const refuse = (argument: string, value: unknown, expected: string) =>
      new GradloomError({ code: 'argument', op: name, argument, got: showValue(value), expected });
    if (typeof distanceFunction !== 'function') {
      throw refuse('distanceFunction', distanceFunction, 'a function of two tensors');
    }
    if (!(typeof margin === 'number' && margin >= 0)) throw refuse('margin', margin, 'a number from 0');
    if (!['mean', 'sum', 'none'].includes(reduction))
      throw refuse('reduction', reduction, 'mean, sum or none');
    this.options = { distanceFunction: (x1, x2) => distanceFunction(x1, x2), margin, swap, reduction };
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this.options;
    const toNegative = distanceFunction(anchor, negative);
    const compared = swap ? minimum(toNegative, distanceFunction(positive, negative)) : toNegative;
    const losses = clampMin(add(sub(distanceFunction(anchor, positive), compared), margin), { min: 0 });
    return reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses);
  }
}

export interface AdaptiveLogSoftmaxOptions {
  /** By how much each cluster's projection is narrower than the one before. Default 4. */
  divValue?: number;
  /** Whether the head has a bias. Default no. */
  headBias?: boolean;
}

/**
 * torch.nn.AdaptiveLogSoftmaxWithLoss: log probabilities of many classes, the frequent ones first; rare ones lie in
 * clusters with narrower projections. Source: Grave et al., "Efficient softmax approximation for GPUs", 2017.
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  readonly head: Linear;
  readonly tail: ModuleList;
  /** First classes of the clusters, and the number of classes. */
  private readonly cutoffs: readonly number[];

  /** @param cutoffs first classes of the clusters, ascending: `[100, 1000]` for 100 frequent ones and two clusters. */
  constructor(
    private readonly inFeatures: number,
    nClasses: number,
    cutoffs: readonly number[],
    options: AdaptiveLogSoftmaxOptions = {},
  ) {
    super();
    const name = 'AdaptiveLogSoftmaxWithLoss';
    checkSizes(name, { inFeatures, nClasses });
    checkOptions(name, options, ['divValue', 'headBias']);
    const { divValue = 4, headBias = false } = options;
    const refuse = (argument: string, value: unknown, expected: string) =>
      new GradloomError({ code: 'argument', op: name, argument, got: showValue(value), expected });
    const bounds: unknown = Array.isArray(cutoffs) && [0, ...cutoffs, nClasses];
    const areAscending =
      Array.isArray(bounds) && bounds.every((n, i) => Number.isInteger(n) && (i === 0 || n > bounds[i - 1]));
    if (!areAscending || cutoffs.length === 0) {
      throw refuse('cutoffs', cutoffs, `ascending whole numbers between 0 and nClasses ${nClasses}`);
    }
    if (!(typeof divValue === 'number' && divValue > 0 && inFeatures >= divValue ** cutoffs.length)) {
      const expected = `above 0, and small enough for ${inFeatures} features in ${cutoffs.length} clusters`;
      throw refuse('divValue', divValue, expected);
    }
    this.cutoffs = [...cutoffs, nClasses];
    this.head = new Linear(inFeatures, cutoffs[0] + cutoffs.length, { bias: headBias });
    this.tail = new ModuleList(
      cutoffs.map((first, i) => {
        const width = Math.floor(inFeatures / divValue ** (i + 1));
        const size = this.cutoffs[i + 1] - first;
        return new Sequential(
          new Linear(inFeatures, width, { bias: false }),
          new Linear(width, size, { bias: false }),
        );
      }),
    );
  }

  /** Log probabilities of the frequent classes and of the clusters, and within each cluster, `[N, ...]`. */
  private parts(x: Tensor): { head: Tensor; clusters: Tensor[] } {
    const scores = (layer: Module) => logSoftmax(layer.forward(x), { dim: 1 });
    return { head: scores(this.head), clusters: this.tail.items.map(scores) };
  }

  /**
   * Log probabilities `output` [N] of the classes `target` [N] and `loss`, the mean of their negatives; of one sample `x`
   * [inFeatures] and `target` []. A class out of range gives NaN.
   */
  override forward(x: Tensor, target: Tensor): { output: Tensor; loss: Tensor } {
    const batch = x.shape.slice(0, -1);
    if (batch.length > 1 || x.shape.at(-1) !== this.inFeatures || target.shape.join() !== batch.join()) {
      throw new GradloomError({
        ...{ code: 'shape', op: this.typeName, got: `x [${x.shape}] and target [${target.shape}]` },
        expected: `x [N, ${this.inFeatures}] and target [N], or one sample without N`,
      });
    }
    if (x.rank === 1) {
      const { output, loss } = this.forward(unsqueeze(x, { dim: 0 }), unsqueeze(target, { dim: 0 }));
      return { output: squeeze(output, { dim: 0 }), loss };
    }
    const { head, clusters } = this.parts(x);
    const [shortlist] = this.cutoffs;
    const at = (scores: Tensor, index: Tensor) =>
      squeeze(gather(scores, unsqueeze(index, { dim: 1 }), { dim: 1 }), { dim: 1 });
    let place = target;
    // Where the class is beyond the last, the place in the head is too.
    this.cutoffs.forEach((first, i) => {
      place = where(ge(target, first), shortlist + i, place);
    });
    let output = at(head, place);
    clusters.forEach((scores, i) => {
      const [first, end] = [this.cutoffs[i], this.cutoffs[i + 1]];
      const inside = logicalAnd(ge(target, first), lt(target, end));
      const local = minimum(maximum(sub(target, first), 0), end - first - 1);
      output = where(inside, add(output, at(scores, local)), output);
    });
    return { output, loss: mean(neg(output)) };
  }

  /** Log probabilities `[N, nClasses]` of all classes. */
  logProb(x: Tensor): Tensor {
    const { head, clusters } = this.parts(x);
    const [shortlist] = this.cutoffs;
    const column = (i: number) => narrow(head, { dim: 1, start: shortlist + i, length: 1 });
    const frequent = narrow(head, { dim: 1, start: 0, length: shortlist });
    return cat([frequent, ...clusters.map((scores, i) => add(scores, column(i)))], { dim: 1 });
  }

  /** The likeliest classes `[N]`. */
  predict(x: Tensor): Tensor {
    return argmax(this.logProb(x), { dim: 1 });
  }
}
