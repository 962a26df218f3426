/** Losses on pairs and triples of vectors, written with other ops. */
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { shapeError } from '../common';
import { add, div, eq, minimum, mul, sqrt, square, sub, where } from '../elementwise';
import { clampBetween as clamp } from '../elementwise/clamp';
import { pairwiseDistance } from '../norm';
import { mean, sum } from '../reduce';
import { type Reduction, reduction } from './reduction';

/** Losses per sample by the attribute `reduction`. */
const reduced = (losses: Tensor, reduction: Reduction): Tensor =>
  reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses);

/** @throws GradloomError unless all vectors have the shape of the first. */
function checkVectors(op: string, vectors: Record<string, Tensor>): void {
  const [[firstName, first], ...others] = Object.entries(vectors);
  if (first.rank < 1) throw shapeError(op, firstName, first, '[..., D]');
  for (const [name, other] of others) {
    if (other.shape.join() !== first.shape.join()) {
      throw shapeError(op, name, other, `the shape of ${firstName}, [${first.shape.join(', ')}]`);
    }
  }
}

/** Added to the squares, as in PyTorch, so that vectors of zeros have the cosine 0. */
const COSINE_EPS = 1e-12;

/** Angle between similar (target 1) and dissimilar (-1) vectors. */
export const cosineEmbeddingLoss = defineComposite({
  name: 'cosineEmbeddingLoss',
  module: { name: 'CosineEmbeddingLoss', positional: ['margin'] },
  doc:
    '1 - cos(x1, x2) where target is 1, max(0, cos(x1, x2) - margin) where it is -1; vectors are the last dim of [N, D]. ' +
    'The target has no gradient.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html',
  inputs: ['x1', 'x2', 'target'],
  inputAliases: { input1: 'x1', input2: 'x2' },
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({ margin: z.number().default(0), reduction }),
  compose({ x1, x2, target }, { margin, reduction }) {
    checkVectors('cosineEmbeddingLoss', { x1, x2 });
    const batch = x1.shape.slice(0, -1);
    if (x1.rank > 2) throw shapeError('cosineEmbeddingLoss', 'x1', x1, '[N, D] or [D]');
    if (target.shape.join() !== batch.join()) {
      throw shapeError(
        'cosineEmbeddingLoss',
        'target',
        target,
        `[${batch.join(', ')}], one label per vector`,
      );
    }
    const along = { dim: -1 };
    const squares = (x: Tensor) => add(sum(square(x), along), COSINE_EPS);
    const cosine = div(sum(mul(x1, x2), along), sqrt(mul(squares(x1), squares(x2))));
    const apart = clamp(sub(cosine, margin), { min: 0 });
    const near = sub(1, cosine);
    return reduced(where(eq(target, 1), near, apart), reduction);
  },
});

/** An anchor nearer to its positive than to its negative. */
export const tripletMarginLoss = defineComposite({
  name: 'tripletMarginLoss',
  module: { name: 'TripletMarginLoss', positional: ['margin'] },
  doc:
    'max(0, d(anchor, positive) - d(anchor, negative) + margin), d being pairwiseDistance over the last dim; with `swap` ' +
    'the negative is compared with the nearer one of anchor and positive.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html',
  inputs: ['anchor', 'positive', 'negative'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({
    margin: z.number().positive().default(1),
    p: z.number().positive().default(2),
    eps: z.number().default(1e-6),
    swap: z.boolean().default(false),
    reduction,
  }),
  compose({ anchor, positive, negative }, { margin, p, eps, swap, reduction }) {
    checkVectors('tripletMarginLoss', { anchor, positive, negative });
    const distance = (x1: Tensor, x2: Tensor) => pairwiseDistance(x1, x2, { p, eps });
    const toNegative = distance(anchor, negative);
    const compared = swap ? minimum(toNegative, distance(positive, negative)) : toNegative;
    const gap = sub(distance(anchor, positive), compared);
    return reduced(clamp(add(gap, margin), { min: 0 }), reduction);
  },
});
