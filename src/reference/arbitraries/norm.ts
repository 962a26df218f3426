/**
 * Random cases of the normalizations and distances. Groups of three values and more: two normalized values are +1 and
 * -1 whatever they were, and their gradients are differences that float32 cannot give to a relative precision.
 */
import fc from 'fast-check';
import type { InputSpec, OpCase } from '../types';
import {
  type Arbitraries,
  anyDim,
  broadcastShapes,
  casesOf,
  count,
  dimOf,
  indexOf,
  nonzero,
  oneOf,
  shapes,
  uniform,
} from './common';

/** Near 0, or far from 0 with the same variance. */
const fills = oneOf('normal', 'normal', 'far');
const fill = (name: string, shape: number[]): InputSpec =>
  name === 'far' ? uniform(998, 1002, shape) : shape;
const eps = oneOf(1e-5, 1e-5, 1e-2);
const affine = oneOf('none', 'weight', 'both', 'both');

function parameters(which: string, shape: number[]): OpCase['inputs'] {
  if (which === 'none') return {};
  return which === 'weight' ? { weight: shape } : { weight: shape, bias: shape };
}

const running = (channels: number): OpCase['inputs'] => ({
  runningMean: [channels],
  runningVar: uniform(0.3, 3, [channels]),
});

const planes = {
  batch: count(3),
  channels: count(6),
  spatial: shapes({ max: 3, most: 20 }),
  fill: fills,
  affine,
  eps,
  momentum: oneOf(0.1, 0, 1, 0.4),
  withRunning: fc.boolean(),
};

const batchNorm = casesOf(
  { ...planes, training: fc.boolean() },
  ({ batch, channels, spatial, fill: from, affine, eps, momentum, withRunning, training }): OpCase => ({
    attrs: { eps, momentum },
    training,
    inputs: {
      x: fill(training ? from : 'normal', [batch + 3, channels, ...spatial]),
      ...parameters(affine, [channels]),
      ...(withRunning || !training ? running(channels) : {}),
    },
  }),
);

/** Dims with at least four positions together. */
const large = (spatial: number[]): number[] =>
  spatial.length === 0 ? [4] : [spatial[0] + 3, ...spatial.slice(1)];

const instanceNorm = casesOf(
  { ...planes, useInputStats: oneOf(true, true, false) },
  ({ batch, channels, spatial, fill: from, affine, eps, momentum, withRunning, useInputStats }): OpCase => ({
    attrs: { eps, momentum, useInputStats },
    inputs: {
      x: fill(useInputStats ? from : 'normal', [batch, channels, ...large(spatial)]),
      ...parameters(affine, [channels]),
      ...(withRunning || !useInputStats ? running(channels) : {}),
    },
  }),
);

const groupNorm = casesOf(
  { ...planes, groups: count(4) },
  ({ batch, channels, spatial, fill: from, affine, eps, groups }): OpCase => {
    const all = groups * channels;
    return {
      attrs: { numGroups: groups, eps },
      inputs: {
        x: fill(from, [batch, all, ...large(spatial)]),
        ...parameters(affine, [all]),
      },
    };
  },
);

/** Leading dims and those that are normalized. */
const rows = {
  leading: shapes({ max: 3, most: 12 }),
  normalized: shapes({ min: 1, max: 2, most: 300 }).map((dims) => dims.map((n) => n + 2)),
  fill: fills,
  affine,
  eps,
};

const layerNorm = casesOf(
  rows,
  ({ leading, normalized, fill: from, affine, eps }): OpCase => ({
    attrs: { normalizedShape: normalized, eps },
    inputs: { x: fill(from, [...leading, ...normalized]), ...parameters(affine, normalized) },
  }),
);

const rmsNorm = casesOf(
  { ...rows, eps: oneOf<number | null>(null, 1e-5, 0.1) },
  ({ leading, normalized, affine, eps }): OpCase => ({
    attrs: { normalizedShape: normalized, eps },
    inputs: { x: [...leading, ...normalized], ...(affine === 'none' ? {} : { weight: normalized }) },
  }),
);

const localResponseNorm = casesOf(
  {
    batch: count(3),
    channels: count(9),
    spatial: shapes({ min: 1, max: 3, most: 30 }),
    size: count(10),
    alpha: oneOf(1e-4, 0.5, 2),
    beta: oneOf(0.75, 0.5, 2),
    k: oneOf(1, 2),
  },
  ({ batch, channels, spatial, size, alpha, beta, k }): OpCase => ({
    attrs: { size, alpha, beta, k },
    inputs: { x: [batch, channels, ...spatial] },
  }),
);

const powers = oneOf<number | string>(2, 2, 1, 3, 'inf');

const normalize = casesOf(
  { shape: shapes({ min: 1, max: 4 }), dim: anyDim, p: powers },
  ({ shape, dim, p }): OpCase => {
    const x = shape.map((n, d) => (d === indexOf(dim, shape.length) ? n + 2 : n));
    return {
      attrs: { p, dim: dimOf(dim, shape.length) },
      inputs: { x: p === 'inf' ? { shape: x, fill: 'distinct', range: [0.3, 4] } : nonzero(x) },
    };
  },
);

const cosineSimilarity = casesOf(
  { pair: broadcastShapes(2, { max: 4 }), dim: anyDim },
  ({ pair: [a, b], dim }): OpCase => {
    // The dim itself has one size in both: what is counted from the end is the same dim.
    const rank = Math.max(1, Math.min(a.length, b.length));
    const at = -1 - indexOf(dim, rank);
    const long = Math.max(a.at(at) ?? 1, b.at(at) ?? 1) + 2;
    const set = (shape: number[]) => (shape.length === 0 ? [long] : shape.with(shape.length + at, long));
    return { attrs: { dim: at }, inputs: { x1: set(a), x2: set(b) } };
  },
);

const pairwiseDistance = casesOf(
  {
    leading: shapes({ max: 2, most: 40 }),
    length: count(40),
    p: oneOf(2, 1, 3),
    keepdim: fc.boolean(),
    single: fc.boolean(),
  },
  ({ leading, length, p, keepdim, single }): OpCase => ({
    attrs: { p, keepdim },
    // The second vectors are small, so that no difference is near 0.
    inputs: {
      x1: nonzero([...leading, length]),
      x2: uniform(-0.1, 0.1, single ? [length] : [...leading, length]),
    },
  }),
);

/** Random cases of this family. */
export const norm: Arbitraries = {
  batchNorm,
  layerNorm,
  rmsNorm,
  groupNorm,
  instanceNorm,
  localResponseNorm,
  normalize,
  cosineSimilarity,
  pairwiseDistance,
};
