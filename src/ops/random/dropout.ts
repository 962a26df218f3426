/** The dropout family: one kernel, which draws the same words from Philox forward and backward. */
import dropoutApply from '../../../shaders/random/dropout.apply.wgsl';
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, type Lowering } from '../../graph/ir/op';
import * as z from '../../schema';
import { shapeError } from '../common';

interface Attrs {
  p: number;
  /** Neighbouring elements that are kept or dropped together. */
  inner: number;
  /** Kept elements become x * scale + kept, the others `dropped`. */
  scale: number;
  kept: number;
  dropped: number;
}

function apply(k: Lowering, x: Tensor, y: Tensor, node: number, accumulate: 0 | 1, attrs: Attrs): void {
  const { p, inner, scale, kept, dropped } = attrs;
  // With p = 1 scale and kept are 0 too, so that the words which pass this threshold still give nothing.
  const threshold = Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1);
  const params = { n: x.size, inner: Math.max(inner, 1), threshold, node, scale, kept, dropped, accumulate };
  k.dispatch(dropoutApply, { x }, { y }, params, { threads: Math.ceil(x.size / 4) });
}

const drop = defineInternal({
  name: 'dropoutForward',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: x.shape }),
  lower: ({ x, y }, attrs: Attrs, k) => apply(k, x, y, k.nodeId, 0, attrs),
  backward: ({ y, dy }, attrs) => ({ x: dropBackward({ dy }, { ...attrs, node: y.node?.index ?? 0 }).dx }),
});

const dropBackward: (inputs: { dy: Tensor }, attrs: Attrs & { node: number }) => { dx: Tensor } =
  defineInternal({
    name: 'dropoutBackward',
    inputs: ['dy'],
    outputs: ['dx'],
    fusion: { accumulates: ['dx'] },
    shape: ({ dy }) => ({ dx: dy.shape }),
    lower: ({ dy, dx }, { node, ...attrs }: Attrs & { node: number }, k) =>
      apply(k, dy, dx, node, k.accumulate('dx'), { ...attrs, kept: 0, dropped: 0 }),
    backward: ({ ddx }, attrs): { dy: Tensor } => ({ dy: dropBackward({ dy: ddx }, attrs).dx }),
  });

const probability = z.number().min(0).max(1);
/** As in PyTorch; by default what the graph is for. */
const training = z.boolean().optional();
const source = (name: string) => `https://pytorch.org/docs/stable/generated/torch.nn.functional.${name}.html`;

/** x itself where nothing is dropped: in evaluation and with p = 0. */
function dropTogether(x: Tensor, p: number, inner: number, active = x.graph.training): Tensor {
  if (!active || p === 0) return x;
  return drop({ x }, { p, inner, scale: p < 1 ? 1 / (1 - p) : 0, kept: 0, dropped: 0 }).y;
}

/** Zeroes elements at random in training. */
export const dropout = defineComposite({
  name: 'dropout',
  module: { name: 'Dropout', positional: ['p'] },
  doc: 'In training zeroes each element with probability `p` and multiplies the others by 1 / (1 - p); else y = x.',
  source: source('dropout'),
  inputs: ['x'],
  outputs: ['y'],
  attrs: z.strictObject({ p: probability.default(0.5), training }),
  compose: ({ x }, { p, training }) => dropTogether(x, p, 1, training),
});

/** Dropout of whole channels; `spatial` trailing dims belong to a channel for each rank that is allowed. */
function channelDropout<const N extends string>(name: N, layouts: string, spatial: Record<number, number>) {
  return defineComposite({
    name,
    module: { name: name.replace('d', 'D'), positional: ['p'] },
    doc: `In training zeroes whole channels of \`x\` (${layouts}) with probability \`p\` and multiplies the others by 1 / (1 - p).`,
    source: source(name),
    inputs: ['x'],
    outputs: ['y'],
    attrs: z.strictObject({ p: probability.default(0.5), training }),
    compose({ x }, { p, training }) {
      const trailing = spatial[x.rank];
      if (trailing === undefined) throw shapeError(name, 'x', x, layouts);
      return dropTogether(x, p, sizeOf(x.shape.slice(x.rank - trailing)), training);
    },
  });
}

/** Dropout of channels of sequences. */
export const dropout1d = channelDropout('dropout1d', '[N, C, L] or [C, L]', { 2: 1, 3: 1 });
// As in PyTorch three dims are [N, C, L] here, not an unbatched image.
/** Dropout of channels of images. */
export const dropout2d = channelDropout('dropout2d', '[N, C, H, W] or [N, C, L]', { 3: 1, 4: 2 });
/** Dropout of channels of volumes. */
export const dropout3d = channelDropout('dropout3d', '[N, C, D, H, W] or [C, D, H, W]', { 4: 3, 5: 3 });

/** -scale * alpha of selu: the value that selu tends to for very negative inputs. */
const SELU_FLOOR = -1.7580993408473766;

/** Alpha dropout of `inner` neighbours together. */
function dropToFloor(x: Tensor, p: number, inner: number, active = x.graph.training): Tensor {
  if (!active || p === 0) return x;
  if (p === 1) return drop({ x }, { p, inner, scale: 0, kept: 0, dropped: 0 }).y;
  const scale = 1 / Math.sqrt((1 - p) * (1 + p * SELU_FLOOR ** 2));
  const kept = -scale * SELU_FLOOR * p;
  return drop({ x }, { p, inner, scale, kept, dropped: scale * SELU_FLOOR + kept }).y;
}

/** Dropout that keeps mean and variance of what selu gives. */
export const alphaDropout = defineComposite({
  name: 'alphaDropout',
  module: { name: 'AlphaDropout', positional: ['p'] },
  doc:
    'Dropout that keeps mean 0 and variance 1 of what selu gives: in training each element becomes selu(-Infinity) ' +
    'with probability `p`, then everything is scaled and shifted.',
  source: source('alpha_dropout'),
  inputs: ['x'],
  outputs: ['y'],
  attrs: z.strictObject({ p: probability.default(0.5), training }),
  compose: ({ x }, { p, training }) => dropToFloor(x, p, 1, training),
});

/** Alpha dropout of whole channels. */
export const featureAlphaDropout = defineComposite({
  name: 'featureAlphaDropout',
  module: { name: 'FeatureAlphaDropout', positional: ['p'] },
  doc: 'alphaDropout of whole channels of x [N, C, ...]: in training each becomes selu(-Infinity) with probability `p`, then everything is scaled and shifted.',
  source: source('feature_alpha_dropout'),
  inputs: ['x'],
  outputs: ['y'],
  attrs: z.strictObject({ p: probability.default(0.5), training }),
  compose({ x }, { p, training }) {
    if (x.rank < 2) throw shapeError('featureAlphaDropout', 'x', x, '[N, C, ...]');
    return dropToFloor(x, p, sizeOf(x.shape.slice(2)), training);
  },
});

/** Dropout of samples, for residual branches. */
export const stochasticDepth = defineComposite({
  name: 'stochasticDepth',
  module: { name: 'StochasticDepth', positional: ['p', 'mode'] },
  doc:
    "In training zeroes samples (mode 'row') or the whole batch (mode 'batch') with probability `p` and multiplies " +
    'what is kept by 1 / (1 - p); for the branch of a residual block.',
  source: 'https://pytorch.org/vision/stable/generated/torchvision.ops.stochastic_depth.html',
  inputs: ['x'],
  outputs: ['y'],
  attrs: z.strictObject({ p: probability, mode: z.enum(['row', 'batch']), training }),
  compose: ({ x }, { p, mode, training }) =>
    dropTogether(x, p, mode === 'batch' ? x.size : sizeOf(x.shape.slice(1)), training),
});
