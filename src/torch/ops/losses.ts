/** Losses and metrics as PyTorch's functions. */
import { functionCall, keyword, Level, literal, type PythonCall, type Rule, type Rules } from './call';

const joined = (name: string, args: readonly (string | undefined | false)[]) =>
  `${name}(${args.filter(Boolean).join(', ')})`;

/** Losses that PyTorch has under a name of its own, or this one in snake case. */
const loss =
  (name: string): Rule =>
  (c) =>
    functionCall(c, `F.${name}`);

/** Losses that model.py defines. */
const defined =
  (name: string, standard = 'mean'): Rule =>
  (c) => {
    const more = ['alpha', 'gamma'].map(
      (attr) => c.attr(attr) !== undefined && `${attr}=${literal(c.attr(attr))}`,
    );
    return joined(c.helper(name), [c.x('x'), c.x('target'), ...more, keyword(c, 'reduction', standard)]);
  };

function crossEntropy(c: PythonCall): string {
  const weight = c.has('weight') && `weight=${c.x('weight')}`;
  const more = [
    keyword(c, 'ignoreIndex', -100),
    keyword(c, 'reduction', 'mean'),
    keyword(c, 'labelSmoothing', 0),
  ];
  return joined('F.cross_entropy', [c.x('x'), c.x('target'), weight, ...more]);
}

const counted = (c: PythonCall) =>
  joined(c.helper('accuracy'), [c.x('x'), c.x('target'), keyword(c, 'ignoreIndex', -100)]);

export const lossRules: Rules = {
  crossEntropy,
  nllLoss: (c) =>
    joined('F.nll_loss', [
      c.x('x'),
      c.x('target'),
      c.has('weight') && `weight=${c.x('weight')}`,
      keyword(c, 'ignoreIndex', -100),
      keyword(c, 'reduction', 'mean'),
    ]),
  mseLoss: loss('mse_loss'),
  l1Loss: loss('l1_loss'),
  smoothL1Loss: loss('smooth_l1_loss'),
  huberLoss: loss('huber_loss'),
  binaryCrossEntropy: loss('binary_cross_entropy'),
  binaryCrossEntropyWithLogits: loss('binary_cross_entropy_with_logits'),
  klDiv: loss('kl_div'),
  poissonNllLoss: loss('poisson_nll_loss'),
  gaussianNllLoss: (c) =>
    joined('F.gaussian_nll_loss', [
      c.x('x'),
      c.x('target'),
      c.tensor('var', 'x'),
      keyword(c, 'full', false),
      keyword(c, 'eps', 1e-6),
      keyword(c, 'reduction', 'mean'),
    ]),
  softMarginLoss: loss('soft_margin_loss'),
  hingeEmbeddingLoss: loss('hinge_embedding_loss'),
  marginRankingLoss: loss('margin_ranking_loss'),
  multilabelSoftMarginLoss: loss('multilabel_soft_margin_loss'),
  multilabelMarginLoss: loss('multilabel_margin_loss'),
  multiMarginLoss: loss('multi_margin_loss'),
  cosineEmbeddingLoss: loss('cosine_embedding_loss'),
  tripletMarginLoss: loss('triplet_margin_loss'),
  ctcLoss: loss('ctc_loss'),
  hinge: defined('hinge'),
  squaredHinge: defined('squared_hinge'),
  categoricalHinge: defined('categorical_hinge'),
  logCosh: defined('log_cosh'),
  sigmoidFocalLoss: defined('sigmoid_focal_loss', 'none'),
  distillationLoss: (c) =>
    joined(c.helper('distillation_loss'), [
      c.x('x'),
      c.x('teacher'),
      c.x('target'),
      keyword(c, 'temperature', 1),
      keyword(c, 'alpha', 0.5),
    ]),
  accuracy: counted,
  classificationError: (c) => ({ text: `1 - ${counted(c)}`, level: Level.Sum }),
  l1Penalty: (c) => ({
    text: `${literal(c.attr('lambda') ?? 1)} * ${c.x('x', Level.Atom)}.abs().sum()`,
    level: Level.Product,
  }),
  l2Penalty: (c) => ({
    text: `${literal(c.attr('lambda') ?? 1)} * ${c.x('x', Level.Atom)}.square().sum()`,
    level: Level.Product,
  }),
};
