/**
 * Float64 references of the classification losses and metrics; classes lie along dim 1 of x.
 * Semantics: torch.nn.functional.cross_entropy, nll_loss, multi_margin_loss, multilabel_soft_margin_loss. The
 * distillation loss is that of Hinton et al., "Distilling the Knowledge in a Neural Network", 2015.
 */
import * as cases from './loss.classification.cases';
import { softplusOfMinus } from './loss.elementwise';
import { reduceLoss } from './loss.reduction';
import { makeArray, mapElements, mapLanes, scalar, size } from './ndarray';
import { logSoftmaxLane } from './softmax';
import type { NdArray, Reference } from './types';

type Arrays = Record<string, NdArray>;

/**
 * The loss of log probabilities [N, C, ...d] for class indices [N, ...d]: -w[t] * ((1 - s) * logp[t]) and,
 * smoothed by s, -s / C * sum over c of w[c] * logp[c]. 'mean' divides by the sum of w[t] over the targets
 * not ignored.
 */
function nll(logProbs: NdArray, target: NdArray, weight: NdArray | undefined, attrs: any): NdArray {
  const { ignoreIndex = -100, labelSmoothing = 0 } = attrs;
  const [batch, classes, ...positionShape] = logProbs.shape;
  const positions = size(positionShape);
  const losses = makeArray(target.shape);
  let weightSum = 0;
  for (let n = 0; n < batch; n++) {
    for (let s = 0; s < positions; s++) {
      const t = target.data[n * positions + s];
      if (t === ignoreIndex) continue;
      const weightOf = (c: number) => weight?.data[c] ?? 1;
      const cost = (c: number) => -weightOf(c) * logProbs.data[(n * classes + c) * positions + s];
      let loss = (1 - labelSmoothing) * cost(t);
      if (labelSmoothing > 0) {
        for (let c = 0; c < classes; c++) loss += (labelSmoothing / classes) * cost(c);
      }
      losses.data[n * positions + s] = loss;
      weightSum += weightOf(t);
    }
  }
  return reduceLoss(losses, attrs.reduction, weightSum);
}

/**
 * -sum over c of w[c] * target[c] * logp[c], target being probabilities of x's shape; 'mean' is per position.
 */
function probabilityLoss(
  logProbs: NdArray,
  target: NdArray,
  weight: NdArray | undefined,
  attrs: any,
): NdArray {
  const smoothing = attrs.labelSmoothing ?? 0;
  const [batch, classes, ...positionShape] = logProbs.shape;
  const positions = size(positionShape);
  const losses = makeArray([batch, ...positionShape]);
  for (let n = 0; n < batch; n++) {
    for (let s = 0; s < positions; s++) {
      for (let c = 0; c < classes; c++) {
        const i = (n * classes + c) * positions + s;
        const smoothed = (1 - smoothing) * target.data[i] + smoothing / classes;
        losses.data[n * positions + s] -= (weight?.data[c] ?? 1) * smoothed * logProbs.data[i];
      }
    }
  }
  return reduceLoss(losses, attrs.reduction);
}

/** A target of x's shape holds probabilities, one without the class dim holds indices. */
function crossEntropy({ x, target, weight }: Arrays, attrs: any): Arrays {
  const logProbs = mapLanes(x, 1, logSoftmaxLane);
  const loss = target.shape.length === x.shape.length ? probabilityLoss : nll;
  return { y: loss(logProbs, target, weight, attrs) };
}

/**
 * Sum over the wrong classes j of max(0, margin - x[target] + x[j])^p * w[target], over the number of
 * classes.
 */
function multiMarginLoss({ x, target, weight }: Arrays, attrs: any): Arrays {
  const { p = 1, margin = 1, reduction } = attrs;
  const [batch, classes] = x.shape;
  const losses = makeArray([batch]);
  for (let n = 0; n < batch; n++) {
    const t = target.data[n];
    for (let c = 0; c < classes; c++) {
      if (c === t) continue;
      const violation = Math.max(0, margin - x.data[n * classes + t] + x.data[n * classes + c]);
      losses.data[n] += (violation ** p * (weight?.data[t] ?? 1)) / classes;
    }
  }
  return { y: reduceLoss(losses, reduction) };
}

/** Mean over the classes (the last dim) of w * binary cross-entropy of sigmoid(x). */
function multilabelSoftMarginLoss({ x, target, weight }: Arrays, attrs: any): Arrays {
  const classes = x.shape[x.shape.length - 1];
  const losses = makeArray(x.shape.slice(0, -1));
  for (let i = 0; i < x.data.length; i++) {
    const t = target.data[i];
    const term = t * softplusOfMinus(x.data[i]) + (1 - t) * softplusOfMinus(-x.data[i]);
    losses.data[Math.floor(i / classes)] += ((weight?.data[i % classes] ?? 1) * term) / classes;
  }
  return { y: reduceLoss(losses, attrs.reduction) };
}

/**
 * alpha * T^2 * KL(softmax(teacher / T) || softmax(x / T)), its sum divided by the batch, plus
 * (1 - alpha) * crossEntropy(x, target).
 */
function distillationLoss({ x, teacher, target }: Arrays, attrs: any): Arrays {
  const { temperature = 1, alpha = 0.5 } = attrs;
  const soften = (logits: NdArray) => {
    const divided = mapElements((value) => value / temperature, logits);
    return mapLanes(divided, 1, logSoftmaxLane);
  };
  const terms = mapElements(
    (student, expert) => (expert === -Infinity ? 0 : Math.exp(expert) * (expert - student)),
    soften(x),
    soften(teacher),
  );
  const divergence = reduceLoss(terms, 'mean', x.shape[0]).data[0];
  const hard = crossEntropy({ x, target }, {}).y.data[0];
  return { y: scalar(alpha * temperature ** 2 * divergence + (1 - alpha) * hard) };
}

/** The fraction of rows and positions whose largest value (the first of equals) is at the target. */
function accuracy({ x, target }: Arrays, { ignoreIndex = null }: any): number {
  const [batch, classes] = x.shape;
  const positions = target.data.length / batch;
  let correct = 0;
  let counted = 0;
  target.data.forEach((label, i) => {
    if (label === ignoreIndex) return;
    counted++;
    const first = Math.floor(i / positions) * classes * positions + (i % positions);
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (x.data[first + c * positions] > x.data[first + best * positions]) best = c;
    }
    if (best === label) correct++;
  });
  return correct / counted;
}

/** The references by canonical name. */
export const references: Record<string, Reference> = {
  crossEntropy: { forward: crossEntropy, cases: cases.crossEntropy },
  nllLoss: {
    forward: ({ x, target, weight }, attrs) => ({ y: nll(x, target, weight, attrs) }),
    cases: cases.nllLoss,
  },
  multiMarginLoss: { forward: multiMarginLoss, cases: cases.multiMarginLoss },
  multilabelSoftMarginLoss: { forward: multilabelSoftMarginLoss, cases: cases.multilabelSoftMarginLoss },
  distillationLoss: { forward: distillationLoss, cases: cases.distillationLoss },
  accuracy: { forward: (inputs, attrs) => ({ y: scalar(accuracy(inputs, attrs)) }), cases: cases.accuracy },
  classificationError: {
    forward: (inputs, attrs) => ({ y: scalar(1 - accuracy(inputs, attrs)) }),
    cases: cases.accuracy,
  },
};
