/** normalize, cosineSimilarity and pairwiseDistance, written with other ops. */
import type { Tensor } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { broadcastShapes, normalizeDim } from '../common';
import { add, div, mul, sub } from '../elementwise';
import { clampBetween as clamp } from '../elementwise/clamp';
import { expanded } from '../layout/repeat';
import { norm, sum } from '../reduce';
import { power } from '../reduce/norm';

const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.nn.functional.${name}.html`;

/** x divided by its norm along `dim`, which is taken as at least `eps`. */
function divided(x: Tensor, p: z.output<typeof power>, dim: number, eps: number): Tensor {
  return div(x, clamp(norm(x, { p, dim, keepdim: true }), { min: eps }));
}

/** Vectors of length 1. */
export const normalize = defineComposite({
  name: 'normalize',
  doc: 'y = x / max(norm of x along `dim`, eps), the norm being (sum of |x|^p)^(1/p).',
  source: source('normalize'),
  inputs: ['x'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({ p: power, dim: z.int().default(1), eps: z.number().default(1e-12) }),
  compose: ({ x }, { p, dim, eps }) => divided(x, p, normalizeDim('normalize', dim, x.rank), eps),
});

/** Cosine of the angle between vectors. */
export const cosineSimilarity = defineComposite({
  name: 'cosineSimilarity',
  module: { name: 'CosineSimilarity', positional: ['dim', 'eps'] },
  doc: 'Cosine of the angle between x1 and x2 along `dim`: x1 x2 / (max(|x1|, eps) max(|x2|, eps)); the two broadcast.',
  source: source('cosine_similarity'),
  inputs: ['x1', 'x2'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({ dim: z.int().default(1), eps: z.number().default(1e-8) }),
  compose({ x1, x2 }, { dim, eps }) {
    const shape = broadcastShapes('cosineSimilarity', x1.shape, x2.shape, ['x1', 'x2']);
    const along = normalizeDim('cosineSimilarity', dim, shape.length);
    const unit = (x: Tensor) =>
      divided(x.shape.join() === shape.join() ? x : expanded(x, shape), 2, along, eps);
    return sum(mul(unit(x1), unit(x2)), { dim: along });
  },
});

/** Distance of vectors by a p-norm. */
export const pairwiseDistance = defineComposite({
  name: 'pairwiseDistance',
  module: { name: 'PairwiseDistance', positional: ['p', 'eps'] },
  doc: 'Norm of x1 - x2 + eps along the last dim: (sum of |x1 - x2 + eps|^p)^(1/p); the two broadcast.',
  source: source('pairwise_distance'),
  inputs: ['x1', 'x2'],
  outputs: ['y'],
  inFloat32: true,
  attrs: z.strictObject({ p: power, eps: z.number().default(1e-6), keepdim: z.boolean().default(false) }),
  compose({ x1, x2 }, { p, eps, keepdim }) {
    return norm(add(sub(x1, x2), eps), { p, dim: -1, keepdim });
  },
});
