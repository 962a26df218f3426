/**
 * Float64 references of the losses that have one term per element: regression, binary and distribution losses.
 * Semantics: torch.nn.functional.mse_loss, l1_loss, smooth_l1_loss, huber_loss, binary_cross_entropy,
 * binary_cross_entropy_with_logits, kl_div, poisson_nll_loss, gaussian_nll_loss, soft_margin_loss,
 * hinge_embedding_loss.
 */
import * as cases from './loss.elementwise.cases';
import { reduceLoss } from './loss.reduction';
import { mapElements, reshape, scalar } from './ndarray';
import type { NdArray, OpCase, Reference } from './types';

/** log(1 + exp(-x)) = -log(sigmoid(x)), without overflow. */
export function softplusOfMinus(x: number): number {
  return Math.max(-x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * A loss with one term per element of the named inputs, which broadcast. Weights that are not given are 1.
 * `term` makes the function of one element from the attributes.
 */
function elementwise(
  names: string[],
  term: (attrs: any) => (...values: number[]) => number,
  opCases: OpCase[],
): Reference {
  return {
    forward(inputs, attrs) {
      const arrays = names.map((name): NdArray => inputs[name] ?? scalar(1));
      return { y: reduceLoss(mapElements(term(attrs), ...arrays), attrs.reduction) };
    },
    cases: opCases,
  };
}

/** Quadratic below beta, linear above, with slope 1; beta 0 is l1Loss. */
function smoothL1(x: number, target: number, beta: number): number {
  const distance = Math.abs(x - target);
  return distance < beta ? (0.5 * distance ** 2) / beta : distance - 0.5 * beta;
}

/** Quadratic up to delta, linear above, with slope delta. */
function huber(x: number, target: number, delta: number): number {
  const distance = Math.abs(x - target);
  return distance <= delta ? 0.5 * distance ** 2 : delta * (distance - 0.5 * delta);
}

/** -weight * (target * log x + (1 - target) * log(1 - x)), the logarithms not below -100. */
function binaryCrossEntropy(x: number, target: number, weight: number): number {
  const log = (p: number) => Math.max(Math.log(p), -100);
  return -weight * (target * log(x) + (1 - target) * log(1 - x));
}

/** binaryCrossEntropy of sigmoid(x), its positive term times posWeight. */
function withLogits(x: number, target: number, weight: number, posWeight: number): number {
  return weight * (posWeight * target * softplusOfMinus(x) + (1 - target) * softplusOfMinus(-x));
}

/** target * (log target - x), x being log probabilities; with logTarget the target is one too. */
function klTerm(x: number, target: number, logTarget: boolean): number {
  if (logTarget) return Math.exp(target) * (target - x);
  return (target === 0 ? 0 : target * Math.log(target)) - target * x;
}

function klDiv({ x, target }: Record<string, NdArray>, attrs: any): Record<string, NdArray> {
  const terms = mapElements((a, b) => klTerm(a, b, attrs.logTarget ?? false), x, target);
  if (attrs.reduction === 'batchmean') return { y: reduceLoss(terms, 'mean', terms.shape[0]) };
  return { y: reduceLoss(terms, attrs.reduction) };
}

/** rate - target * log(rate); `full` adds Stirling's approximation of log(target!) above 1. */
function poissonNll(x: number, target: number, { logInput = true, full = false, eps = 1e-8 }: any): number {
  const loss = logInput ? Math.exp(x) - target * x : x - target * Math.log(x + eps);
  if (!full || target <= 1) return loss;
  return loss + target * Math.log(target) - target + 0.5 * Math.log(2 * Math.PI * target);
}

/** (log var + (x - target)^2 / var) / 2, var not below eps; `full` adds the constant log(2 pi) / 2. */
function gaussianNll(x: number, target: number, variance: number, { full = false, eps = 1e-6 }: any): number {
  const v = Math.max(variance, eps);
  return 0.5 * (Math.log(v) + (x - target) ** 2 / v) + (full ? 0.5 * Math.log(2 * Math.PI) : 0);
}

function gaussianNllLoss({ x, target, var: variance }: Record<string, NdArray>, attrs: any) {
  // A variance per sample may leave the last dim out.
  const fitted =
    variance.shape.length < x.shape.length ? reshape(variance, [...variance.shape, 1]) : variance;
  const losses = mapElements((a, b, v) => gaussianNll(a, b, v, attrs), x, target, fitted);
  return { y: reduceLoss(losses, attrs.reduction) };
}

/** x for target 1, max(0, margin - x) for target -1. */
function hingeEmbedding(x: number, target: number, margin: number): number {
  return (target !== 1 ? Math.max(0, margin - x) : 0) + (target !== -1 ? x : 0);
}

/** The references by canonical name. */
export const references: Record<string, Reference> = {
  mseLoss: elementwise(['x', 'target'], () => (x, target) => (x - target) ** 2, cases.mseLoss),
  l1Loss: elementwise(['x', 'target'], () => (x, target) => Math.abs(x - target), cases.l1Loss),
  smoothL1Loss: elementwise(
    ['x', 'target'],
    ({ beta = 1 }) =>
      (x, target) =>
        smoothL1(x, target, beta),
    cases.smoothL1Loss,
  ),
  huberLoss: elementwise(
    ['x', 'target'],
    ({ delta = 1 }) =>
      (x, target) =>
        huber(x, target, delta),
    cases.huberLoss,
  ),
  binaryCrossEntropy: elementwise(
    ['x', 'target', 'weight'],
    () => binaryCrossEntropy,
    cases.binaryCrossEntropy,
  ),
  binaryCrossEntropyWithLogits: elementwise(
    ['x', 'target', 'weight', 'posWeight'],
    () => withLogits,
    cases.binaryCrossEntropyWithLogits,
  ),
  klDiv: { forward: klDiv, cases: cases.klDiv },
  poissonNllLoss: elementwise(
    ['x', 'target'],
    (attrs) => (x, target) => poissonNll(x, target, attrs),
    cases.poissonNllLoss,
  ),
  gaussianNllLoss: { forward: gaussianNllLoss, cases: cases.gaussianNllLoss },
  softMarginLoss: elementwise(
    ['x', 'target'],
    () => (x, target) => softplusOfMinus(target * x),
    cases.softMarginLoss,
  ),
  hingeEmbeddingLoss: elementwise(
    ['x', 'target'],
    ({ margin = 1 }) =>
      (x, target) =>
        hingeEmbedding(x, target, margin),
    cases.hingeEmbeddingLoss,
  ),
};
