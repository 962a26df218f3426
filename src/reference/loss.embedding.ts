/**
 * Float64 references of the losses on pairs and triples of vectors or scores.
 * Semantics: torch.nn.functional.cosine_embedding_loss, margin_ranking_loss, triplet_margin_loss.
 */
import { reduceLoss } from './loss.reduction';
import { build, mapElements } from './ndarray';
import { references as norm } from './norm';
import type { InputSpec, NdArray, OpCase, Reference } from './types';

type Arrays = Record<string, NdArray>;

/** 1 - cos(x1, x2) for target 1, max(0, cos(x1, x2) - margin) for -1. */
function cosineEmbeddingLoss({ x1, x2, target }: Arrays, { margin = 0, reduction }: any): Arrays {
  const [batch, length] = x1.shape;
  const losses = build([batch], ([n]) => {
    // Added to the squares, so that two vectors of zeros have the cosine 0; PyTorch fixes it.
    let [dot, square1, square2] = [0, 1e-12, 1e-12];
    for (let i = n * length; i < (n + 1) * length; i++) {
      dot += x1.data[i] * x2.data[i];
      square1 += x1.data[i] ** 2;
      square2 += x2.data[i] ** 2;
    }
    const cosine = dot / Math.sqrt(square1 * square2);
    return target.data[n] === 1 ? 1 - cosine : Math.max(0, cosine - margin);
  });
  return { y: reduceLoss(losses, reduction) };
}

/** max(0, -target * (x1 - x2) + margin). */
function marginRankingLoss({ x1, x2, target }: Arrays, { margin = 0, reduction }: any): Arrays {
  const losses = mapElements((a, b, t) => Math.max(0, -t * (a - b) + margin), x1, x2, target);
  return { y: reduceLoss(losses, reduction) };
}

/**
 * max(0, d(anchor, positive) - d(anchor, negative) + margin), d being pairwiseDistance; with `swap` the
 * negative is compared with the nearer one of anchor and positive.
 */
function tripletMarginLoss({ anchor, positive, negative }: Arrays, attrs: any): Arrays {
  const { margin = 1, p = 2, eps = 1e-6, swap = false, reduction } = attrs;
  const distance = (x1: NdArray, x2: NdArray) =>
    norm.pairwiseDistance.forward({ x1, x2 }, { p, eps }, { training: false }).y;
  const toNegative = distance(anchor, negative);
  const compared = swap ? mapElements(Math.min, toNegative, distance(positive, negative)) : toNegative;
  const losses = mapElements(
    (near, far) => Math.max(0, near - far + margin),
    distance(anchor, positive),
    compared,
  );
  return { y: reduceLoss(losses, reduction) };
}

/** Labels of +1 and -1, which are constants. */
function signs(...values: number[]): InputSpec {
  return { shape: [values.length], values, differentiable: false };
}

/** Scores on a grid around 0: their distance to `near` values is neither 0 nor 0.5. */
const grid = (...shape: number[]): InputSpec => ({ shape, fill: 'distinct', range: [-2, 2] });
const near = (...shape: number[]): InputSpec => ({ shape, fill: 'uniform', range: [-0.05, 0.05] });
const triple = (...shape: number[]) => ({ anchor: shape, positive: shape, negative: shape });

const cosineEmbeddingCases: OpCase[] = [
  { inputs: { x1: [4, 6], x2: [4, 6], target: signs(1, -1, -1, 1) } },
  {
    attrs: { margin: 0.2, reduction: 'sum' },
    inputs: { x1: [5, 3], x2: [5, 3], target: signs(-1, -1, 1, -1, -1) },
  },
  { attrs: { reduction: 'none' }, inputs: { x1: [6, 2], x2: [6, 2], target: signs(1, -1, -1, -1, 1, -1) } },
  { attrs: { margin: -0.9 }, inputs: { x1: [4, 5], x2: [4, 5], target: signs(-1, -1, -1, 1) } },
  { name: 'beyond a workgroup', inputs: { x1: [2, 263], x2: [2, 263], target: signs(1, -1) } },
  { name: 'one number', inputs: { x1: grid(1, 3), x2: grid(1, 3), target: signs(1) } },
  {
    name: 'vectors of zeros',
    attrs: { reduction: 'none' },
    gradient: false,
    inputs: {
      x1: { shape: [2, 2], values: [0, 0, 0, 0] },
      x2: { shape: [2, 2], values: [0, 0, 1, 2] },
      target: signs(1, -1),
    },
  },
];

const marginRankingCases: OpCase[] = [
  { inputs: { x1: grid(6), x2: near(6), target: signs(1, -1, -1, 1, 1, -1) } },
  {
    attrs: { margin: 0.5, reduction: 'sum' },
    inputs: { x1: grid(8), x2: near(8), target: signs(1, -1, 1, 1, -1, -1, 1, -1) },
  },
  {
    attrs: { margin: 0.5, reduction: 'none' },
    inputs: { x1: grid(8), x2: near(8), target: signs(-1, -1, 1, 1, -1, 1, 1, -1) },
  },
  { name: 'one element', attrs: { margin: 1 }, inputs: { x1: near(1), x2: near(1), target: signs(-1) } },
  {
    name: 'matrix',
    attrs: { margin: 0.5 },
    inputs: {
      x1: grid(2, 4),
      x2: near(2, 4),
      target: { shape: [2, 4], values: [1, -1, 1, -1, 1, 1, -1, -1], differentiable: false },
    },
  },
];

const tripletMarginCases: OpCase[] = [
  { inputs: triple(4, 5) },
  { attrs: { margin: 3, reduction: 'sum' }, inputs: triple(5, 3) },
  { attrs: { margin: 2, reduction: 'none' }, inputs: triple(6, 2) },
  { attrs: { swap: true, margin: 2 }, inputs: triple(5, 4) },
  { attrs: { p: 1, margin: 4 }, inputs: triple(4, 3) },
  { attrs: { p: 3, eps: 0.1, margin: 2 }, inputs: triple(4, 3) },
  { name: 'one of everything', attrs: { margin: 5 }, inputs: triple(1, 1) },
  { name: 'beyond a workgroup', attrs: { margin: 4 }, inputs: triple(2, 263) },
];

/** The references by canonical name. */
export const references: Record<string, Reference> = {
  cosineEmbeddingLoss: { forward: cosineEmbeddingLoss, cases: cosineEmbeddingCases },
  marginRankingLoss: { forward: marginRankingLoss, cases: marginRankingCases },
  tripletMarginLoss: { forward: tripletMarginLoss, cases: tripletMarginCases },
};
