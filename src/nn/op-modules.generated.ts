// Made by `npm run generate` from the `module` of the op declarations in src/ops: the classes of torch.nn that
// apply one op.
import * as ops from '../ops';
import { OpModule, type OptionsOf } from './op-module';

/**
 * Averages over as many windows as the output has positions: window q of n covers [floor(q * size / n), ceil((q + 1) * size / n)) of a dimension; null keeps its size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool1d.html
 */
export class AdaptiveAvgPool1d extends OpModule {
  constructor(options: OptionsOf<typeof ops.adaptiveAvgPool1d>);
  constructor(outputSize: OptionsOf<typeof ops.adaptiveAvgPool1d>['outputSize']);
  constructor(...args: unknown[]) {
    super(ops.adaptiveAvgPool1d, ['outputSize'], args);
  }
}

/**
 * Averages over as many windows as the output has positions: window q of n covers [floor(q * size / n), ceil((q + 1) * size / n)) of a dimension; null keeps its size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html
 */
export class AdaptiveAvgPool2d extends OpModule {
  constructor(options: OptionsOf<typeof ops.adaptiveAvgPool2d>);
  constructor(outputSize: OptionsOf<typeof ops.adaptiveAvgPool2d>['outputSize']);
  constructor(...args: unknown[]) {
    super(ops.adaptiveAvgPool2d, ['outputSize'], args);
  }
}

/**
 * Averages over as many windows as the output has positions: window q of n covers [floor(q * size / n), ceil((q + 1) * size / n)) of a dimension; null keeps its size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool3d.html
 */
export class AdaptiveAvgPool3d extends OpModule {
  constructor(options: OptionsOf<typeof ops.adaptiveAvgPool3d>);
  constructor(outputSize: OptionsOf<typeof ops.adaptiveAvgPool3d>['outputSize']);
  constructor(...args: unknown[]) {
    super(ops.adaptiveAvgPool3d, ['outputSize'], args);
  }
}

/**
 * Maxima over as many windows as the output has positions: window q of n covers [floor(q * size / n), ceil((q + 1) * size / n)) of a dimension; null keeps its size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html
 */
export class AdaptiveMaxPool1d extends OpModule {
  constructor(options: OptionsOf<typeof ops.adaptiveMaxPool1d>);
  constructor(outputSize: OptionsOf<typeof ops.adaptiveMaxPool1d>['outputSize'], options?: Omit<OptionsOf<typeof ops.adaptiveMaxPool1d>, 'outputSize'>);
  constructor(...args: unknown[]) {
    super(ops.adaptiveMaxPool1d, ['outputSize'], args);
  }
}

/**
 * Maxima over as many windows as the output has positions: window q of n covers [floor(q * size / n), ceil((q + 1) * size / n)) of a dimension; null keeps its size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html
 */
export class AdaptiveMaxPool2d extends OpModule {
  constructor(options: OptionsOf<typeof ops.adaptiveMaxPool2d>);
  constructor(outputSize: OptionsOf<typeof ops.adaptiveMaxPool2d>['outputSize'], options?: Omit<OptionsOf<typeof ops.adaptiveMaxPool2d>, 'outputSize'>);
  constructor(...args: unknown[]) {
    super(ops.adaptiveMaxPool2d, ['outputSize'], args);
  }
}

/**
 * Maxima over as many windows as the output has positions: window q of n covers [floor(q * size / n), ceil((q + 1) * size / n)) of a dimension; null keeps its size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool3d.html
 */
export class AdaptiveMaxPool3d extends OpModule {
  constructor(options: OptionsOf<typeof ops.adaptiveMaxPool3d>);
  constructor(outputSize: OptionsOf<typeof ops.adaptiveMaxPool3d>['outputSize'], options?: Omit<OptionsOf<typeof ops.adaptiveMaxPool3d>, 'outputSize'>);
  constructor(...args: unknown[]) {
    super(ops.adaptiveMaxPool3d, ['outputSize'], args);
  }
}

/**
 * Dropout that keeps mean 0 and variance 1 of what selu gives: in training each element becomes selu(-Infinity) with probability `p`, then everything is scaled and shifted.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.alpha_dropout.html
 */
export class AlphaDropout extends OpModule {
  constructor(options?: OptionsOf<typeof ops.alphaDropout>);
  constructor(p: OptionsOf<typeof ops.alphaDropout>['p'], options?: Omit<OptionsOf<typeof ops.alphaDropout>, 'p'>);
  constructor(...args: unknown[]) {
    super(ops.alphaDropout, ['p'], args);
  }
}

/**
 * The average of each window: y[n, c, q] = sum over k of x[n, c, q * stride + k * dilation - padding] / count, where count takes in the padding unless countIncludePad is false.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool1d.html
 */
export class AvgPool1d extends OpModule {
  constructor(options: OptionsOf<typeof ops.avgPool1d>);
  constructor(kernelSize: OptionsOf<typeof ops.avgPool1d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.avgPool1d>, 'kernelSize'>);
  constructor(kernelSize: OptionsOf<typeof ops.avgPool1d>['kernelSize'], stride: OptionsOf<typeof ops.avgPool1d>['stride'], options?: Omit<OptionsOf<typeof ops.avgPool1d>, 'kernelSize' | 'stride'>);
  constructor(kernelSize: OptionsOf<typeof ops.avgPool1d>['kernelSize'], stride: OptionsOf<typeof ops.avgPool1d>['stride'], padding: OptionsOf<typeof ops.avgPool1d>['padding'], options?: Omit<OptionsOf<typeof ops.avgPool1d>, 'kernelSize' | 'stride' | 'padding'>);
  constructor(...args: unknown[]) {
    super(ops.avgPool1d, ['kernelSize', 'stride', 'padding'], args);
  }
}

/**
 * The average of each window: y[n, c, q] = sum over k of x[n, c, q * stride + k * dilation - padding] / count, where count takes in the padding unless countIncludePad is false.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
 */
export class AvgPool2d extends OpModule {
  constructor(options: OptionsOf<typeof ops.avgPool2d>);
  constructor(kernelSize: OptionsOf<typeof ops.avgPool2d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.avgPool2d>, 'kernelSize'>);
  constructor(kernelSize: OptionsOf<typeof ops.avgPool2d>['kernelSize'], stride: OptionsOf<typeof ops.avgPool2d>['stride'], options?: Omit<OptionsOf<typeof ops.avgPool2d>, 'kernelSize' | 'stride'>);
  constructor(kernelSize: OptionsOf<typeof ops.avgPool2d>['kernelSize'], stride: OptionsOf<typeof ops.avgPool2d>['stride'], padding: OptionsOf<typeof ops.avgPool2d>['padding'], options?: Omit<OptionsOf<typeof ops.avgPool2d>, 'kernelSize' | 'stride' | 'padding'>);
  constructor(...args: unknown[]) {
    super(ops.avgPool2d, ['kernelSize', 'stride', 'padding'], args);
  }
}

/**
 * The average of each window: y[n, c, q] = sum over k of x[n, c, q * stride + k * dilation - padding] / count, where count takes in the padding unless countIncludePad is false.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool3d.html
 */
export class AvgPool3d extends OpModule {
  constructor(options: OptionsOf<typeof ops.avgPool3d>);
  constructor(kernelSize: OptionsOf<typeof ops.avgPool3d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.avgPool3d>, 'kernelSize'>);
  constructor(kernelSize: OptionsOf<typeof ops.avgPool3d>['kernelSize'], stride: OptionsOf<typeof ops.avgPool3d>['stride'], options?: Omit<OptionsOf<typeof ops.avgPool3d>, 'kernelSize' | 'stride'>);
  constructor(kernelSize: OptionsOf<typeof ops.avgPool3d>['kernelSize'], stride: OptionsOf<typeof ops.avgPool3d>['stride'], padding: OptionsOf<typeof ops.avgPool3d>['padding'], options?: Omit<OptionsOf<typeof ops.avgPool3d>, 'kernelSize' | 'stride' | 'padding'>);
  constructor(...args: unknown[]) {
    super(ops.avgPool3d, ['kernelSize', 'stride', 'padding'], args);
  }
}

/**
 * For probabilities x: -weight (target log x + (1 - target) log(1 - x)), the logarithms not below -100. The target has no gradient.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
 */
export class BCELoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.binaryCrossEntropy>);
  constructor(...args: unknown[]) {
    super(ops.binaryCrossEntropy, [], args);
  }
}

/**
 * Binary cross-entropy of sigmoid(x), without overflow: -weight (posWeight target log sigmoid(x) + (1 - target) log sigmoid(-x)).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html
 */
export class BCEWithLogitsLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.binaryCrossEntropyWithLogits>);
  constructor(...args: unknown[]) {
    super(ops.binaryCrossEntropyWithLogits, [], args);
  }
}

/**
 * max(0, 1 + max((1 - target) x) - sum(target x)) over the last dim, target being one-hot. One loss per sample [...], of which `reduction` takes the mean or the sum.
 * @see https://keras.io/api/losses/hinge_losses/#categorical_hinge-function
 */
export class CategoricalHinge extends OpModule {
  constructor(options?: OptionsOf<typeof ops.categoricalHinge>);
  constructor(...args: unknown[]) {
    super(ops.categoricalHinge, [], args);
  }
}

/**
 * y = x above 0, else alpha * (exp(x / alpha) - 1).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.celu.html
 */
export class CELU extends OpModule {
  constructor(options?: OptionsOf<typeof ops.celu>);
  constructor(alpha: OptionsOf<typeof ops.celu>['alpha']);
  constructor(...args: unknown[]) {
    super(ops.celu, ['alpha'], args);
  }
}

/**
 * The channels of x [N, C, ...] as [groups, C / groups], transposed: the first of each group, then the second of each.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
 */
export class ChannelShuffle extends OpModule {
  constructor(options: OptionsOf<typeof ops.channelShuffle>);
  constructor(groups: OptionsOf<typeof ops.channelShuffle>['groups']);
  constructor(...args: unknown[]) {
    super(ops.channelShuffle, ['groups'], args);
  }
}

/**
 * 1 - cos(x1, x2) where target is 1, max(0, cos(x1, x2) - margin) where it is -1; vectors are the last dim of [N, D]. The target has no gradient.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html
 */
export class CosineEmbeddingLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.cosineEmbeddingLoss>);
  constructor(margin: OptionsOf<typeof ops.cosineEmbeddingLoss>['margin'], options?: Omit<OptionsOf<typeof ops.cosineEmbeddingLoss>, 'margin'>);
  constructor(...args: unknown[]) {
    super(ops.cosineEmbeddingLoss, ['margin'], args);
  }
}

/**
 * Cosine of the angle between x1 and x2 along `dim`: x1 x2 / (max(|x1|, eps) max(|x2|, eps)); the two broadcast.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_similarity.html
 */
export class CosineSimilarity extends OpModule {
  constructor(options?: OptionsOf<typeof ops.cosineSimilarity>);
  constructor(dim: OptionsOf<typeof ops.cosineSimilarity>['dim'], options?: Omit<OptionsOf<typeof ops.cosineSimilarity>, 'dim'>);
  constructor(dim: OptionsOf<typeof ops.cosineSimilarity>['dim'], eps: OptionsOf<typeof ops.cosineSimilarity>['eps']);
  constructor(...args: unknown[]) {
    super(ops.cosineSimilarity, ['dim', 'eps'], args);
  }
}

/**
 * Cross-entropy of the softmax of `x` [N, C, ...]: mean over rows of -sum over c of weight[c] q[c] logSoftmax(x)[c]. `target` holds int32 class indices [N, ...], or probabilities q of the shape of `x`; `labelSmoothing` s makes them (1 - s) q + s / C. The mean over class indices is weighted by weight[target]; rows with `ignoreIndex` do not count. An index out of range gives NaN.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 */
export class CrossEntropyLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.crossEntropy>);
  constructor(...args: unknown[]) {
    super(ops.crossEntropy, [], args);
  }
}

/**
 * Connectionist temporal classification: -log of the probability of all alignments of the symbols `targets` [N, S], or [sum of `targetLengths`] one after the other, with the steps of the log probabilities [T, N, C]. The mean is over samples, each divided by its target length. The gradient takes `logProbs` as normalized (logSoftmax). A length beyond T or S gives NaN.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 */
export class CTCLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.ctcLoss>);
  constructor(blank: OptionsOf<typeof ops.ctcLoss>['blank'], options?: Omit<OptionsOf<typeof ops.ctcLoss>, 'blank'>);
  constructor(...args: unknown[]) {
    super(ops.ctcLoss, ['blank'], args);
  }
}

/**
 * In training zeroes each element with probability `p` and multiplies the others by 1 / (1 - p); else y = x.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
 */
export class Dropout extends OpModule {
  constructor(options?: OptionsOf<typeof ops.dropout>);
  constructor(p: OptionsOf<typeof ops.dropout>['p'], options?: Omit<OptionsOf<typeof ops.dropout>, 'p'>);
  constructor(...args: unknown[]) {
    super(ops.dropout, ['p'], args);
  }
}

/**
 * In training zeroes whole channels of `x` ([N, C, L] or [C, L]) with probability `p` and multiplies the others by 1 / (1 - p).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout1d.html
 */
export class Dropout1d extends OpModule {
  constructor(options?: OptionsOf<typeof ops.dropout1d>);
  constructor(p: OptionsOf<typeof ops.dropout1d>['p'], options?: Omit<OptionsOf<typeof ops.dropout1d>, 'p'>);
  constructor(...args: unknown[]) {
    super(ops.dropout1d, ['p'], args);
  }
}

/**
 * In training zeroes whole channels of `x` ([N, C, H, W] or [N, C, L]) with probability `p` and multiplies the others by 1 / (1 - p).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout2d.html
 */
export class Dropout2d extends OpModule {
  constructor(options?: OptionsOf<typeof ops.dropout2d>);
  constructor(p: OptionsOf<typeof ops.dropout2d>['p'], options?: Omit<OptionsOf<typeof ops.dropout2d>, 'p'>);
  constructor(...args: unknown[]) {
    super(ops.dropout2d, ['p'], args);
  }
}

/**
 * In training zeroes whole channels of `x` ([N, C, D, H, W] or [C, D, H, W]) with probability `p` and multiplies the others by 1 / (1 - p).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout3d.html
 */
export class Dropout3d extends OpModule {
  constructor(options?: OptionsOf<typeof ops.dropout3d>);
  constructor(p: OptionsOf<typeof ops.dropout3d>['p'], options?: Omit<OptionsOf<typeof ops.dropout3d>, 'p'>);
  constructor(...args: unknown[]) {
    super(ops.dropout3d, ['p'], args);
  }
}

/**
 * y = x above 0, else alpha * (exp(x) - 1).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.elu.html
 */
export class ELU extends OpModule {
  constructor(options?: OptionsOf<typeof ops.elu>);
  constructor(alpha: OptionsOf<typeof ops.elu>['alpha']);
  constructor(...args: unknown[]) {
    super(ops.elu, ['alpha'], args);
  }
}

/**
 * alphaDropout of whole channels of x [N, C, ...]: in training each becomes selu(-Infinity) with probability `p`, then everything is scaled and shifted.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.feature_alpha_dropout.html
 */
export class FeatureAlphaDropout extends OpModule {
  constructor(options?: OptionsOf<typeof ops.featureAlphaDropout>);
  constructor(p: OptionsOf<typeof ops.featureAlphaDropout>['p'], options?: Omit<OptionsOf<typeof ops.featureAlphaDropout>, 'p'>);
  constructor(...args: unknown[]) {
    super(ops.featureAlphaDropout, ['p'], args);
  }
}

/**
 * Columns x [N, C * kh * kw, windows] summed back into images [N, C, H, W] of outputSize: the transpose of unfold.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.fold.html
 */
export class Fold extends OpModule {
  constructor(options: OptionsOf<typeof ops.fold>);
  constructor(outputSize: OptionsOf<typeof ops.fold>['outputSize'], options: Omit<OptionsOf<typeof ops.fold>, 'outputSize'>);
  constructor(outputSize: OptionsOf<typeof ops.fold>['outputSize'], kernelSize: OptionsOf<typeof ops.fold>['kernelSize'], options?: Omit<OptionsOf<typeof ops.fold>, 'outputSize' | 'kernelSize'>);
  constructor(...args: unknown[]) {
    super(ops.fold, ['outputSize', 'kernelSize'], args);
  }
}

/**
 * The largest value of each of `outputSize` windows per dim (or `outputRatio` of the size, between 0 and 1), which lie at pseudo-random distances of about size / outputSize. randomSamples [N, C, 2] in [0, 1) say where (width, height); without them they are drawn anew in every step, from its seed. With `returnIndices` a further output, indices, tells the position of each in the plane.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html
 */
export class FractionalMaxPool2d extends OpModule {
  constructor(options: OptionsOf<typeof ops.fractionalMaxPool2d>);
  constructor(kernelSize: OptionsOf<typeof ops.fractionalMaxPool2d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.fractionalMaxPool2d>, 'kernelSize'>);
  constructor(...args: unknown[]) {
    super(ops.fractionalMaxPool2d, ['kernelSize'], args);
  }
}

/**
 * The largest value of each of `outputSize` windows per dim (or `outputRatio` of the size, between 0 and 1), which lie at pseudo-random distances of about size / outputSize. randomSamples [N, C, 3] in [0, 1) say where (depth, height, width); without them they are drawn anew in every step, from its seed. With `returnIndices` a further output, indices, tells the position of each in the plane.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
 */
export class FractionalMaxPool3d extends OpModule {
  constructor(options: OptionsOf<typeof ops.fractionalMaxPool3d>);
  constructor(kernelSize: OptionsOf<typeof ops.fractionalMaxPool3d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.fractionalMaxPool3d>, 'kernelSize'>);
  constructor(...args: unknown[]) {
    super(ops.fractionalMaxPool3d, ['kernelSize'], args);
  }
}

/**
 * Negative log-likelihood of a normal distribution with mean x and variance v = max(var, eps): (log v + (x - target)^2 / v) / 2; `full` adds log(2 pi) / 2. `var` broadcasts, and may leave the last dim out.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html
 */
export class GaussianNLLLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.gaussianNllLoss>);
  constructor(...args: unknown[]) {
    super(ops.gaussianNllLoss, [], args);
  }
}

/**
 * y = x * Phi(x); with approximate: 'tanh', 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html
 */
export class GELU extends OpModule {
  constructor(options?: OptionsOf<typeof ops.gelu>);
  constructor(...args: unknown[]) {
    super(ops.gelu, [], args);
  }
}

/**
 * The average over all spatial dimensions: [N, C, ...] to [N, C, 1, ...].
 * @see https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html
 */
export class GlobalAvgPool extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.globalAvgPool, [], args);
  }
}

/**
 * The maximum over all spatial dimensions: [N, C, ...] to [N, C, 1, ...].
 * @see https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html
 */
export class GlobalMaxPool extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.globalMaxPool, [], args);
  }
}

/**
 * y = a * sigmoid(b) with the halves a and b of x along `dim`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.glu.html
 */
export class GLU extends OpModule {
  constructor(options?: OptionsOf<typeof ops.glu>);
  constructor(dim: OptionsOf<typeof ops.glu>['dim']);
  constructor(...args: unknown[]) {
    super(ops.glu, ['dim'], args);
  }
}

/**
 * y = 0 where |x| <= lambd, else x.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html
 */
export class Hardshrink extends OpModule {
  constructor(options?: OptionsOf<typeof ops.hardshrink>);
  constructor(lambd: OptionsOf<typeof ops.hardshrink>['lambd']);
  constructor(...args: unknown[]) {
    super(ops.hardshrink, ['lambd'], args);
  }
}

/**
 * y = clip(alpha * x + beta, 0, 1); by default clip(x + 3, 0, 6) / 6.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html
 */
export class Hardsigmoid extends OpModule {
  constructor(options?: OptionsOf<typeof ops.hardsigmoid>);
  constructor(...args: unknown[]) {
    super(ops.hardsigmoid, [], args);
  }
}

/**
 * y = x * clip(x + 3, 0, 6) / 6.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html
 */
export class Hardswish extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.hardswish, [], args);
  }
}

/**
 * y = clip(x, minVal, maxVal). The gradient is 0 at the bounds and beyond.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html
 */
export class Hardtanh extends OpModule {
  constructor(options?: OptionsOf<typeof ops.hardtanh>);
  constructor(minVal: OptionsOf<typeof ops.hardtanh>['minVal'], options?: Omit<OptionsOf<typeof ops.hardtanh>, 'minVal'>);
  constructor(minVal: OptionsOf<typeof ops.hardtanh>['minVal'], maxVal: OptionsOf<typeof ops.hardtanh>['maxVal']);
  constructor(...args: unknown[]) {
    super(ops.hardtanh, ['minVal', 'maxVal'], args);
  }
}

/**
 * mean of max(0, 1 - target x) over the last dim, for labels of -1 and 1 (0 counts as -1 where all are 0 or 1). One loss per sample [...], of which `reduction` takes the mean or the sum.
 * @see https://keras.io/api/losses/hinge_losses/#hinge-function
 */
export class Hinge extends OpModule {
  constructor(options?: OptionsOf<typeof ops.hinge>);
  constructor(...args: unknown[]) {
    super(ops.hinge, [], args);
  }
}

/**
 * x where target is 1, max(0, margin - x) where it is -1. The target has no gradient.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html
 */
export class HingeEmbeddingLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.hingeEmbeddingLoss>);
  constructor(margin: OptionsOf<typeof ops.hingeEmbeddingLoss>['margin'], options?: Omit<OptionsOf<typeof ops.hingeEmbeddingLoss>, 'margin'>);
  constructor(...args: unknown[]) {
    super(ops.hingeEmbeddingLoss, ['margin'], args);
  }
}

/**
 * With d = |x - target|: d^2 / 2 up to delta, else delta (d - delta / 2).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.huber_loss.html
 */
export class HuberLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.huberLoss>);
  constructor(...args: unknown[]) {
    super(ops.huberLoss, [], args);
  }
}

/**
 * Kullback-Leibler divergence of target and log probabilities x: target (log target - x), or with `logTarget` exp(target) (target - x). 'batchmean' divides the sum by the size of dim 0.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
 */
export class KLDivLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.klDiv>);
  constructor(...args: unknown[]) {
    super(ops.klDiv, [], args);
  }
}

/**
 * Mean absolute error: |x - target|.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html
 */
export class L1Loss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.l1Loss>);
  constructor(...args: unknown[]) {
    super(ops.l1Loss, [], args);
  }
}

/**
 * y = x above 0, else negativeSlope * x.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html
 */
export class LeakyReLU extends OpModule {
  constructor(options?: OptionsOf<typeof ops.leakyRelu>);
  constructor(negativeSlope: OptionsOf<typeof ops.leakyRelu>['negativeSlope']);
  constructor(...args: unknown[]) {
    super(ops.leakyRelu, ['negativeSlope'], args);
  }
}

/**
 * Divides each channel of x [N, C, ...] by (k + alpha * mean of x^2 over `size` neighbouring channels)^beta; channels that are not there count as 0.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
 */
export class LocalResponseNorm extends OpModule {
  constructor(options: OptionsOf<typeof ops.localResponseNorm>);
  constructor(size: OptionsOf<typeof ops.localResponseNorm>['size'], options?: Omit<OptionsOf<typeof ops.localResponseNorm>, 'size'>);
  constructor(size: OptionsOf<typeof ops.localResponseNorm>['size'], alpha: OptionsOf<typeof ops.localResponseNorm>['alpha'], options?: Omit<OptionsOf<typeof ops.localResponseNorm>, 'size' | 'alpha'>);
  constructor(size: OptionsOf<typeof ops.localResponseNorm>['size'], alpha: OptionsOf<typeof ops.localResponseNorm>['alpha'], beta: OptionsOf<typeof ops.localResponseNorm>['beta'], options?: Omit<OptionsOf<typeof ops.localResponseNorm>, 'size' | 'alpha' | 'beta'>);
  constructor(size: OptionsOf<typeof ops.localResponseNorm>['size'], alpha: OptionsOf<typeof ops.localResponseNorm>['alpha'], beta: OptionsOf<typeof ops.localResponseNorm>['beta'], k: OptionsOf<typeof ops.localResponseNorm>['k']);
  constructor(...args: unknown[]) {
    super(ops.localResponseNorm, ['size', 'alpha', 'beta', 'k'], args);
  }
}

/**
 * mean of ln(cosh(x - target)) over the last dim, as d + softplus(-2 d) - ln 2. One loss per sample [...], of which `reduction` takes the mean or the sum.
 * @see https://keras.io/api/losses/regression_losses/#log_cosh-function
 */
export class LogCosh extends OpModule {
  constructor(options?: OptionsOf<typeof ops.logCosh>);
  constructor(...args: unknown[]) {
    super(ops.logCosh, [], args);
  }
}

/**
 * y = -log(1 + exp(-x)).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html
 */
export class LogSigmoid extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.logsigmoid, [], args);
  }
}

/**
 * Logarithm of the softmax along `dim`: y = x - max - log(sum(exp(x - max))).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
 */
export class LogSoftmax extends OpModule {
  constructor(options?: OptionsOf<typeof ops.logSoftmax>);
  constructor(dim: OptionsOf<typeof ops.logSoftmax>['dim']);
  constructor(...args: unknown[]) {
    super(ops.logSoftmax, ['dim'], args);
  }
}

/**
 * The p-norm of each window: y = (sum of x^p)^(1 / p). A window that overhangs (ceilMode) counts as if its missing values were the mean of the others.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html
 */
export class LPPool1d extends OpModule {
  constructor(options: OptionsOf<typeof ops.lpPool1d>);
  constructor(normType: OptionsOf<typeof ops.lpPool1d>['normType'], options: Omit<OptionsOf<typeof ops.lpPool1d>, 'normType'>);
  constructor(normType: OptionsOf<typeof ops.lpPool1d>['normType'], kernelSize: OptionsOf<typeof ops.lpPool1d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.lpPool1d>, 'normType' | 'kernelSize'>);
  constructor(normType: OptionsOf<typeof ops.lpPool1d>['normType'], kernelSize: OptionsOf<typeof ops.lpPool1d>['kernelSize'], stride: OptionsOf<typeof ops.lpPool1d>['stride'], options?: Omit<OptionsOf<typeof ops.lpPool1d>, 'normType' | 'kernelSize' | 'stride'>);
  constructor(...args: unknown[]) {
    super(ops.lpPool1d, ['normType', 'kernelSize', 'stride'], args);
  }
}

/**
 * The p-norm of each window: y = (sum of x^p)^(1 / p). A window that overhangs (ceilMode) counts as if its missing values were the mean of the others.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html
 */
export class LPPool2d extends OpModule {
  constructor(options: OptionsOf<typeof ops.lpPool2d>);
  constructor(normType: OptionsOf<typeof ops.lpPool2d>['normType'], options: Omit<OptionsOf<typeof ops.lpPool2d>, 'normType'>);
  constructor(normType: OptionsOf<typeof ops.lpPool2d>['normType'], kernelSize: OptionsOf<typeof ops.lpPool2d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.lpPool2d>, 'normType' | 'kernelSize'>);
  constructor(normType: OptionsOf<typeof ops.lpPool2d>['normType'], kernelSize: OptionsOf<typeof ops.lpPool2d>['kernelSize'], stride: OptionsOf<typeof ops.lpPool2d>['stride'], options?: Omit<OptionsOf<typeof ops.lpPool2d>, 'normType' | 'kernelSize' | 'stride'>);
  constructor(...args: unknown[]) {
    super(ops.lpPool2d, ['normType', 'kernelSize', 'stride'], args);
  }
}

/**
 * The p-norm of each window: y = (sum of x^p)^(1 / p). A window that overhangs (ceilMode) counts as if its missing values were the mean of the others.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html
 */
export class LPPool3d extends OpModule {
  constructor(options: OptionsOf<typeof ops.lpPool3d>);
  constructor(normType: OptionsOf<typeof ops.lpPool3d>['normType'], options: Omit<OptionsOf<typeof ops.lpPool3d>, 'normType'>);
  constructor(normType: OptionsOf<typeof ops.lpPool3d>['normType'], kernelSize: OptionsOf<typeof ops.lpPool3d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.lpPool3d>, 'normType' | 'kernelSize'>);
  constructor(normType: OptionsOf<typeof ops.lpPool3d>['normType'], kernelSize: OptionsOf<typeof ops.lpPool3d>['kernelSize'], stride: OptionsOf<typeof ops.lpPool3d>['stride'], options?: Omit<OptionsOf<typeof ops.lpPool3d>, 'normType' | 'kernelSize' | 'stride'>);
  constructor(...args: unknown[]) {
    super(ops.lpPool3d, ['normType', 'kernelSize', 'stride'], args);
  }
}

/**
 * max(0, margin - target (x1 - x2)) for targets of 1 (x1 ranks higher) and -1, which have no gradient.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html
 */
export class MarginRankingLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.marginRankingLoss>);
  constructor(margin: OptionsOf<typeof ops.marginRankingLoss>['margin'], options?: Omit<OptionsOf<typeof ops.marginRankingLoss>, 'margin'>);
  constructor(...args: unknown[]) {
    super(ops.marginRankingLoss, ['margin'], args);
  }
}

/**
 * The largest value of each window: y[n, c, q] = max over k of x[n, c, q * stride + k * dilation - padding]. With `returnIndices` a further output, indices, tells its position in the plane.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
 */
export class MaxPool1d extends OpModule {
  constructor(options: OptionsOf<typeof ops.maxPool1d>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool1d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.maxPool1d>, 'kernelSize'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool1d>['kernelSize'], stride: OptionsOf<typeof ops.maxPool1d>['stride'], options?: Omit<OptionsOf<typeof ops.maxPool1d>, 'kernelSize' | 'stride'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool1d>['kernelSize'], stride: OptionsOf<typeof ops.maxPool1d>['stride'], padding: OptionsOf<typeof ops.maxPool1d>['padding'], options?: Omit<OptionsOf<typeof ops.maxPool1d>, 'kernelSize' | 'stride' | 'padding'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool1d>['kernelSize'], stride: OptionsOf<typeof ops.maxPool1d>['stride'], padding: OptionsOf<typeof ops.maxPool1d>['padding'], dilation: OptionsOf<typeof ops.maxPool1d>['dilation'], options?: Omit<OptionsOf<typeof ops.maxPool1d>, 'kernelSize' | 'stride' | 'padding' | 'dilation'>);
  constructor(...args: unknown[]) {
    super(ops.maxPool1d, ['kernelSize', 'stride', 'padding', 'dilation'], args);
  }
}

/**
 * The largest value of each window: y[n, c, q] = max over k of x[n, c, q * stride + k * dilation - padding]. With `returnIndices` a further output, indices, tells its position in the plane.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
 */
export class MaxPool2d extends OpModule {
  constructor(options: OptionsOf<typeof ops.maxPool2d>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool2d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.maxPool2d>, 'kernelSize'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool2d>['kernelSize'], stride: OptionsOf<typeof ops.maxPool2d>['stride'], options?: Omit<OptionsOf<typeof ops.maxPool2d>, 'kernelSize' | 'stride'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool2d>['kernelSize'], stride: OptionsOf<typeof ops.maxPool2d>['stride'], padding: OptionsOf<typeof ops.maxPool2d>['padding'], options?: Omit<OptionsOf<typeof ops.maxPool2d>, 'kernelSize' | 'stride' | 'padding'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool2d>['kernelSize'], stride: OptionsOf<typeof ops.maxPool2d>['stride'], padding: OptionsOf<typeof ops.maxPool2d>['padding'], dilation: OptionsOf<typeof ops.maxPool2d>['dilation'], options?: Omit<OptionsOf<typeof ops.maxPool2d>, 'kernelSize' | 'stride' | 'padding' | 'dilation'>);
  constructor(...args: unknown[]) {
    super(ops.maxPool2d, ['kernelSize', 'stride', 'padding', 'dilation'], args);
  }
}

/**
 * The largest value of each window: y[n, c, q] = max over k of x[n, c, q * stride + k * dilation - padding]. With `returnIndices` a further output, indices, tells its position in the plane.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool3d.html
 */
export class MaxPool3d extends OpModule {
  constructor(options: OptionsOf<typeof ops.maxPool3d>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool3d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.maxPool3d>, 'kernelSize'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool3d>['kernelSize'], stride: OptionsOf<typeof ops.maxPool3d>['stride'], options?: Omit<OptionsOf<typeof ops.maxPool3d>, 'kernelSize' | 'stride'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool3d>['kernelSize'], stride: OptionsOf<typeof ops.maxPool3d>['stride'], padding: OptionsOf<typeof ops.maxPool3d>['padding'], options?: Omit<OptionsOf<typeof ops.maxPool3d>, 'kernelSize' | 'stride' | 'padding'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxPool3d>['kernelSize'], stride: OptionsOf<typeof ops.maxPool3d>['stride'], padding: OptionsOf<typeof ops.maxPool3d>['padding'], dilation: OptionsOf<typeof ops.maxPool3d>['dilation'], options?: Omit<OptionsOf<typeof ops.maxPool3d>, 'kernelSize' | 'stride' | 'padding' | 'dilation'>);
  constructor(...args: unknown[]) {
    super(ops.maxPool3d, ['kernelSize', 'stride', 'padding', 'dilation'], args);
  }
}

/**
 * Zeros with the values of x at `indices`, their positions in the plane as maxPool1d gives them with returnIndices; of equal indices the last wins. Sizes are (size - 1) * stride - 2 * padding + kernelSize, or `outputSize`, which may differ from that by less than stride. An index out of range writes nothing.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html
 */
export class MaxUnpool1d extends OpModule {
  constructor(options: OptionsOf<typeof ops.maxUnpool1d>);
  constructor(kernelSize: OptionsOf<typeof ops.maxUnpool1d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.maxUnpool1d>, 'kernelSize'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxUnpool1d>['kernelSize'], stride: OptionsOf<typeof ops.maxUnpool1d>['stride'], options?: Omit<OptionsOf<typeof ops.maxUnpool1d>, 'kernelSize' | 'stride'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxUnpool1d>['kernelSize'], stride: OptionsOf<typeof ops.maxUnpool1d>['stride'], padding: OptionsOf<typeof ops.maxUnpool1d>['padding'], options?: Omit<OptionsOf<typeof ops.maxUnpool1d>, 'kernelSize' | 'stride' | 'padding'>);
  constructor(...args: unknown[]) {
    super(ops.maxUnpool1d, ['kernelSize', 'stride', 'padding'], args);
  }
}

/**
 * Zeros with the values of x at `indices`, their positions in the plane as maxPool2d gives them with returnIndices; of equal indices the last wins. Sizes are (size - 1) * stride - 2 * padding + kernelSize, or `outputSize`, which may differ from that by less than stride. An index out of range writes nothing.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
 */
export class MaxUnpool2d extends OpModule {
  constructor(options: OptionsOf<typeof ops.maxUnpool2d>);
  constructor(kernelSize: OptionsOf<typeof ops.maxUnpool2d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.maxUnpool2d>, 'kernelSize'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxUnpool2d>['kernelSize'], stride: OptionsOf<typeof ops.maxUnpool2d>['stride'], options?: Omit<OptionsOf<typeof ops.maxUnpool2d>, 'kernelSize' | 'stride'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxUnpool2d>['kernelSize'], stride: OptionsOf<typeof ops.maxUnpool2d>['stride'], padding: OptionsOf<typeof ops.maxUnpool2d>['padding'], options?: Omit<OptionsOf<typeof ops.maxUnpool2d>, 'kernelSize' | 'stride' | 'padding'>);
  constructor(...args: unknown[]) {
    super(ops.maxUnpool2d, ['kernelSize', 'stride', 'padding'], args);
  }
}

/**
 * Zeros with the values of x at `indices`, their positions in the plane as maxPool3d gives them with returnIndices; of equal indices the last wins. Sizes are (size - 1) * stride - 2 * padding + kernelSize, or `outputSize`, which may differ from that by less than stride. An index out of range writes nothing.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html
 */
export class MaxUnpool3d extends OpModule {
  constructor(options: OptionsOf<typeof ops.maxUnpool3d>);
  constructor(kernelSize: OptionsOf<typeof ops.maxUnpool3d>['kernelSize'], options?: Omit<OptionsOf<typeof ops.maxUnpool3d>, 'kernelSize'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxUnpool3d>['kernelSize'], stride: OptionsOf<typeof ops.maxUnpool3d>['stride'], options?: Omit<OptionsOf<typeof ops.maxUnpool3d>, 'kernelSize' | 'stride'>);
  constructor(kernelSize: OptionsOf<typeof ops.maxUnpool3d>['kernelSize'], stride: OptionsOf<typeof ops.maxUnpool3d>['stride'], padding: OptionsOf<typeof ops.maxUnpool3d>['padding'], options?: Omit<OptionsOf<typeof ops.maxUnpool3d>, 'kernelSize' | 'stride' | 'padding'>);
  constructor(...args: unknown[]) {
    super(ops.maxUnpool3d, ['kernelSize', 'stride', 'padding'], args);
  }
}

/**
 * y = x * tanh(log(1 + exp(x))).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.mish.html
 */
export class Mish extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.mish, [], args);
  }
}

/**
 * Mean squared error: (x - target)^2.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
 */
export class MSELoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.mseLoss>);
  constructor(...args: unknown[]) {
    super(ops.mseLoss, [], args);
  }
}

/**
 * Of x [N, C] (or [C]) and int32 labels of the same shape, of which those before the first -1 count: the sum over labels j and other classes i of max(0, 1 - (x[j] - x[i])), divided by C.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_margin_loss.html
 */
export class MultiLabelMarginLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.multilabelMarginLoss>);
  constructor(...args: unknown[]) {
    super(ops.multilabelMarginLoss, [], args);
  }
}

/**
 * Mean over the classes, the last dim, of -weight[c] (target log sigmoid(x) + (1 - target) log sigmoid(-x)). The target has no gradient.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html
 */
export class MultiLabelSoftMarginLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.multilabelSoftMarginLoss>);
  constructor(...args: unknown[]) {
    super(ops.multilabelSoftMarginLoss, [], args);
  }
}

/**
 * Multi-class margin loss of x [N, C] for int32 class indices t: weight[t] / C times the sum over c != t of max(0, margin - x[t] + x[c])^p.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html
 */
export class MultiMarginLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.multiMarginLoss>);
  constructor(p: OptionsOf<typeof ops.multiMarginLoss>['p'], options?: Omit<OptionsOf<typeof ops.multiMarginLoss>, 'p'>);
  constructor(p: OptionsOf<typeof ops.multiMarginLoss>['p'], margin: OptionsOf<typeof ops.multiMarginLoss>['margin'], options?: Omit<OptionsOf<typeof ops.multiMarginLoss>, 'p' | 'margin'>);
  constructor(...args: unknown[]) {
    super(ops.multiMarginLoss, ['p', 'margin'], args);
  }
}

/**
 * Negative log-likelihood of log probabilities `x` [N, C, ...] for int32 class indices `target` [N, ...]: mean over rows, weighted by weight[target], of -x[target]. Rows with `ignoreIndex` do not count.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
 */
export class NLLLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.nllLoss>);
  constructor(...args: unknown[]) {
    super(ops.nllLoss, [], args);
  }
}

/**
 * Norm of x1 - x2 + eps along the last dim: (sum of |x1 - x2 + eps|^p)^(1/p); the two broadcast.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pairwise_distance.html
 */
export class PairwiseDistance extends OpModule {
  constructor(options?: OptionsOf<typeof ops.pairwiseDistance>);
  constructor(p: OptionsOf<typeof ops.pairwiseDistance>['p'], options?: Omit<OptionsOf<typeof ops.pairwiseDistance>, 'p'>);
  constructor(p: OptionsOf<typeof ops.pairwiseDistance>['p'], eps: OptionsOf<typeof ops.pairwiseDistance>['eps'], options?: Omit<OptionsOf<typeof ops.pairwiseDistance>, 'p' | 'eps'>);
  constructor(...args: unknown[]) {
    super(ops.pairwiseDistance, ['p', 'eps'], args);
  }
}

/**
 * The dimensions in the order `dims`: dimension d of y is dimension dims[d] of x.
 * @see https://pytorch.org/docs/stable/generated/torch.permute.html
 */
export class Permute extends OpModule {
  constructor(options: OptionsOf<typeof ops.permute>);
  constructor(dims: OptionsOf<typeof ops.permute>['dims']);
  constructor(...args: unknown[]) {
    super(ops.permute, ['dims'], args);
  }
}

/**
 * x [N, C * r * r, H, W] as [N, C, H * r, W * r]: y[n, c, h * r + i, w * r + j] = x[n, (c * r + i) * r + j, h, w].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html
 */
export class PixelShuffle extends OpModule {
  constructor(options: OptionsOf<typeof ops.pixelShuffle>);
  constructor(upscaleFactor: OptionsOf<typeof ops.pixelShuffle>['upscaleFactor']);
  constructor(...args: unknown[]) {
    super(ops.pixelShuffle, ['upscaleFactor'], args);
  }
}

/**
 * x [N, C, H * r, W * r] as [N, C * r * r, H, W]: the inverse of pixelShuffle.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html
 */
export class PixelUnshuffle extends OpModule {
  constructor(options: OptionsOf<typeof ops.pixelUnshuffle>);
  constructor(downscaleFactor: OptionsOf<typeof ops.pixelUnshuffle>['downscaleFactor']);
  constructor(...args: unknown[]) {
    super(ops.pixelUnshuffle, ['downscaleFactor'], args);
  }
}

/**
 * Negative log-likelihood of a Poisson distribution: exp(x) - target x, without `logInput` x - target log(x + eps). `full` adds Stirling's approximation of log(target!) where target is above 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html
 */
export class PoissonNLLLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.poissonNllLoss>);
  constructor(...args: unknown[]) {
    super(ops.poissonNllLoss, [], args);
  }
}

/**
 * y = max(x, 0).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html
 */
export class ReLU extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.relu, [], args);
  }
}

/**
 * y = min(max(x, 0), 6).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html
 */
export class ReLU6 extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.relu6, [], args);
  }
}

/**
 * The same elements, row-major, with another shape; one size may be -1 and follows from the others. A view.
 * @see https://pytorch.org/docs/stable/generated/torch.reshape.html
 */
export class Reshape extends OpModule {
  constructor(options: OptionsOf<typeof ops.reshape>);
  constructor(shape: OptionsOf<typeof ops.reshape>['shape']);
  constructor(...args: unknown[]) {
    super(ops.reshape, ['shape'], args);
  }
}

/**
 * y = x above 0, else a x: in training with `a` drawn for each element between lower and upper, else with their mean. randomSamples in [0, 1) of the shape of x say where between; without them they are drawn anew in every step, from its seed.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.rrelu.html
 */
export class RReLU extends OpModule {
  constructor(options?: OptionsOf<typeof ops.rrelu>);
  constructor(lower: OptionsOf<typeof ops.rrelu>['lower'], options?: Omit<OptionsOf<typeof ops.rrelu>, 'lower'>);
  constructor(lower: OptionsOf<typeof ops.rrelu>['lower'], upper: OptionsOf<typeof ops.rrelu>['upper'], options?: Omit<OptionsOf<typeof ops.rrelu>, 'lower' | 'upper'>);
  constructor(...args: unknown[]) {
    super(ops.rrelu, ['lower', 'upper'], args);
  }
}

/**
 * y = s * (x above 0, else a * (exp(x) - 1)) with s = 1.0507, a = 1.6733 (Klambauer et al., 2017).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.selu.html
 */
export class SELU extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.selu, [], args);
  }
}

/**
 * y = 1 / (1 + exp(-x)).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.sigmoid.html
 */
export class Sigmoid extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.sigmoid, [], args);
  }
}

/**
 * y = x / (1 + exp(-x)).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.silu.html
 */
export class SiLU extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.silu, [], args);
  }
}

/**
 * With d = |x - target|: d^2 / (2 beta) below beta, else d - beta / 2.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html
 */
export class SmoothL1Loss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.smoothL1Loss>);
  constructor(...args: unknown[]) {
    super(ops.smoothL1Loss, [], args);
  }
}

/**
 * log(1 + exp(-target x)) for targets of 1 and -1, which have no gradient.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html
 */
export class SoftMarginLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.softMarginLoss>);
  constructor(...args: unknown[]) {
    super(ops.softMarginLoss, [], args);
  }
}

/**
 * Softmax along `dim`: y = exp(x - max) / sum(exp(x - max)).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
 */
export class Softmax extends OpModule {
  constructor(options?: OptionsOf<typeof ops.softmax>);
  constructor(dim: OptionsOf<typeof ops.softmax>['dim']);
  constructor(...args: unknown[]) {
    super(ops.softmax, ['dim'], args);
  }
}

/**
 * Softmax of -x along `dim`: y = exp(-x) / sum(exp(-x)).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html
 */
export class Softmin extends OpModule {
  constructor(options?: OptionsOf<typeof ops.softmin>);
  constructor(dim: OptionsOf<typeof ops.softmin>['dim']);
  constructor(...args: unknown[]) {
    super(ops.softmin, ['dim'], args);
  }
}

/**
 * y = log(1 + exp(beta * x)) / beta; x where beta * x is above threshold.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html
 */
export class Softplus extends OpModule {
  constructor(options?: OptionsOf<typeof ops.softplus>);
  constructor(beta: OptionsOf<typeof ops.softplus>['beta'], options?: Omit<OptionsOf<typeof ops.softplus>, 'beta'>);
  constructor(beta: OptionsOf<typeof ops.softplus>['beta'], threshold: OptionsOf<typeof ops.softplus>['threshold']);
  constructor(...args: unknown[]) {
    super(ops.softplus, ['beta', 'threshold'], args);
  }
}

/**
 * y = x - lambd above lambd, x + lambd below -lambd, else 0.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html
 */
export class Softshrink extends OpModule {
  constructor(options?: OptionsOf<typeof ops.softshrink>);
  constructor(lambd: OptionsOf<typeof ops.softshrink>['lambd']);
  constructor(...args: unknown[]) {
    super(ops.softshrink, ['lambd'], args);
  }
}

/**
 * y = x / (1 + |x|).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html
 */
export class Softsign extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.softsign, [], args);
  }
}

/**
 * mean of max(0, 1 - target x)^2 over the last dim, for labels of -1 and 1 (0 counts as -1 where all are 0 or 1). One loss per sample [...], of which `reduction` takes the mean or the sum.
 * @see https://keras.io/api/losses/hinge_losses/#squared_hinge-function
 */
export class SquaredHinge extends OpModule {
  constructor(options?: OptionsOf<typeof ops.squaredHinge>);
  constructor(...args: unknown[]) {
    super(ops.squaredHinge, [], args);
  }
}

/**
 * In training zeroes samples (mode 'row') or the whole batch (mode 'batch') with probability `p` and multiplies what is kept by 1 / (1 - p); for the branch of a residual block.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.stochastic_depth.html
 */
export class StochasticDepth extends OpModule {
  constructor(options: OptionsOf<typeof ops.stochasticDepth>);
  constructor(p: OptionsOf<typeof ops.stochasticDepth>['p'], options: Omit<OptionsOf<typeof ops.stochasticDepth>, 'p'>);
  constructor(p: OptionsOf<typeof ops.stochasticDepth>['p'], mode: OptionsOf<typeof ops.stochasticDepth>['mode'], options?: Omit<OptionsOf<typeof ops.stochasticDepth>, 'p' | 'mode'>);
  constructor(...args: unknown[]) {
    super(ops.stochasticDepth, ['p', 'mode'], args);
  }
}

/**
 * y = silu(a) * b with the halves a and b of x along `dim`.
 */
export class SwiGLU extends OpModule {
  constructor(options?: OptionsOf<typeof ops.swiglu>);
  constructor(dim: OptionsOf<typeof ops.swiglu>['dim']);
  constructor(...args: unknown[]) {
    super(ops.swiglu, ['dim'], args);
  }
}

/**
 * y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.tanh.html
 */
export class Tanh extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.tanh, [], args);
  }
}

/**
 * y = x - tanh(x).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html
 */
export class Tanhshrink extends OpModule {
  constructor();
  constructor(...args: unknown[]) {
    super(ops.tanhshrink, [], args);
  }
}

/**
 * y = x above threshold, else value.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html
 */
export class Threshold extends OpModule {
  constructor(options: OptionsOf<typeof ops.threshold>);
  constructor(threshold: OptionsOf<typeof ops.threshold>['threshold'], options: Omit<OptionsOf<typeof ops.threshold>, 'threshold'>);
  constructor(threshold: OptionsOf<typeof ops.threshold>['threshold'], value: OptionsOf<typeof ops.threshold>['value']);
  constructor(...args: unknown[]) {
    super(ops.threshold, ['threshold', 'value'], args);
  }
}

/**
 * max(0, d(anchor, positive) - d(anchor, negative) + margin), d being pairwiseDistance over the last dim; with `swap` the negative is compared with the nearer one of anchor and positive.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html
 */
export class TripletMarginLoss extends OpModule {
  constructor(options?: OptionsOf<typeof ops.tripletMarginLoss>);
  constructor(margin: OptionsOf<typeof ops.tripletMarginLoss>['margin'], options?: Omit<OptionsOf<typeof ops.tripletMarginLoss>, 'margin'>);
  constructor(...args: unknown[]) {
    super(ops.tripletMarginLoss, ['margin'], args);
  }
}

/**
 * Dimension `dim` as several of the given sizes, one of which may be -1. A view.
 * @see https://pytorch.org/docs/stable/generated/torch.unflatten.html
 */
export class Unflatten extends OpModule {
  constructor(options: OptionsOf<typeof ops.unflatten>);
  constructor(dim: OptionsOf<typeof ops.unflatten>['dim'], options: Omit<OptionsOf<typeof ops.unflatten>, 'dim'>);
  constructor(dim: OptionsOf<typeof ops.unflatten>['dim'], sizes: OptionsOf<typeof ops.unflatten>['sizes']);
  constructor(...args: unknown[]) {
    super(ops.unflatten, ['dim', 'sizes'], args);
  }
}

/**
 * The windows of x [N, C, H, W] as columns [N, C * kh * kw, windows], zeros where they reach into the padding.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html
 */
export class Unfold extends OpModule {
  constructor(options: OptionsOf<typeof ops.unfold>);
  constructor(kernelSize: OptionsOf<typeof ops.unfold>['kernelSize'], options?: Omit<OptionsOf<typeof ops.unfold>, 'kernelSize'>);
  constructor(...args: unknown[]) {
    super(ops.unfold, ['kernelSize'], args);
  }
}

/**
 * x [N, C, L], [N, C, H, W] or [N, C, D, H, W] resized to size, or by scaleFactor: to the nearest value (nearest-exact: nearest to the middle of the pixel), or linearly between the two (linear), four (bilinear) or eight (trilinear) values around (q + 0.5) * scale - 0.5, with alignCorners around q * (in - 1) / (out - 1); bicubic by cubic convolution of 16 values (A = -0.75); area is adaptiveAvgPool. With antialias bilinear and bicubic (A = -0.5) filter what they shrink.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 */
export class Upsample extends OpModule {
  constructor(options?: OptionsOf<typeof ops.interpolate>);
  constructor(size: OptionsOf<typeof ops.interpolate>['size'], options?: Omit<OptionsOf<typeof ops.interpolate>, 'size'>);
  constructor(size: OptionsOf<typeof ops.interpolate>['size'], scaleFactor: OptionsOf<typeof ops.interpolate>['scaleFactor'], options?: Omit<OptionsOf<typeof ops.interpolate>, 'size' | 'scaleFactor'>);
  constructor(size: OptionsOf<typeof ops.interpolate>['size'], scaleFactor: OptionsOf<typeof ops.interpolate>['scaleFactor'], mode: OptionsOf<typeof ops.interpolate>['mode'], options?: Omit<OptionsOf<typeof ops.interpolate>, 'size' | 'scaleFactor' | 'mode'>);
  constructor(size: OptionsOf<typeof ops.interpolate>['size'], scaleFactor: OptionsOf<typeof ops.interpolate>['scaleFactor'], mode: OptionsOf<typeof ops.interpolate>['mode'], alignCorners: OptionsOf<typeof ops.interpolate>['alignCorners'], options?: Omit<OptionsOf<typeof ops.interpolate>, 'size' | 'scaleFactor' | 'mode' | 'alignCorners'>);
  constructor(...args: unknown[]) {
    super(ops.interpolate, ['size', 'scaleFactor', 'mode', 'alignCorners'], args);
  }
}
