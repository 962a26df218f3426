/**
 * Attention forward and backward. Queries, keys and values may be parts of one tensor (the packed projections of
 * multi-head attention): each has a layout, and what the kernels read and write lies there without being copied.
 */

import backwardKeyKernel from '../../../shaders/attention/attention.backward_key.wgsl';
import backwardMaskKernel from '../../../shaders/attention/attention.backward_mask.wgsl';
import backwardQueryKernel from '../../../shaders/attention/attention.backward_query.wgsl';
import forwardKernel from '../../../shaders/attention/attention.forward.wgsl';
import reduceForward from '../../../shaders/reduce/reduce.forward.wgsl';
import { GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import { throughDecomposition } from '../../graph/compiler/autodiff';
import { attentionCandidates } from '../../graph/compiler/heuristics';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineInternal, inFloat32 } from '../../graph/ir/op';
import { isFloat } from '../../graph/ir/variable';
import { attention, attentionTile } from '../../kernels/constants.generated';
import { broadcastStrides, collapse, loopRanges } from '../common';
import { partsOfLine, reduceLayout } from '../reduce/layout';
import { reduceBy } from '../reduce/reduce';
import { attentionGradients } from './decomposition';
import type { AttentionAttrs, Operands } from './operands';

/** Mask dimensions before queries and keys that the kernels can index (vec4). */
const MASK_DIMS = 4;

/** Strides with which batch elements, queries and keys find their element of the mask. */
function maskParams(mask: Tensor | undefined, batchShape: Shape, queries: number, keys: number) {
  if (!mask) {
    const none = [0, 0, 0, 0];
    return { mask_shape: [1, 1, 1, 1], mask_strides: none, mask_row: 0, mask_key: 0 };
  }
  const strides = broadcastStrides(mask.shape, [...batchShape, queries, keys]);
  const collapsed = collapse('scaledDotProductAttention', batchShape, strides.slice(0, -2));
  const [shape, steps] = [collapsed.shape.reverse(), collapsed.strides[0].reverse()];
  if (shape.length > MASK_DIMS) {
    throw new GradloomError({
      code: 'unsupported',
      op: 'scaledDotProductAttention',
      argument: 'attnMask',
      got: `${shape.length} batch dimensions that cannot be merged`,
      expected: `at most ${MASK_DIMS}`,
    });
  }
  const padded = (list: number[], value: number) =>
    [...list, ...new Array(MASK_DIMS).fill(value)].slice(0, MASK_DIMS);
  return {
    mask_shape: padded(shape, 1),
    mask_strides: padded(steps, 0),
    mask_row: strides.at(-2)!,
    mask_key: strides.at(-1)!,
  };
}

/** The uniform fields of all kernels of attention; `node` names the random stream of dropout. */
function paramsOf(attrs: AttentionAttrs, mask: Tensor | undefined, node: number) {
  const { batchShape, headDim, valueDim, dropout, shape: _, ...sizes } = attrs;
  return {
    ...sizes,
    head_dim: headDim,
    value_dim: valueDim,
    threshold: Math.min(Math.round(dropout * 2 ** 32), 2 ** 32 - 1),
    keep_scale: dropout < 1 ? 1 / (1 - dropout) : 0,
    node,
    first_tile: 0,
    end_tile: 0,
    slot: 0,
    ...maskParams(mask, batchShape, attrs.queries, attrs.keys),
  };
}

const blocksOf = (columns: number) => Math.min(columns, attentionTile.CHUNK) / 4;

/** Compile-time constants of all kernels. */
const kindOf = ({ dropout }: AttentionAttrs, mask: Tensor | undefined) => ({
  MASK: mask ? (mask.dtype === 'bool' ? attention.MASK_BOOLEAN : attention.MASK_ADDITIVE) : 0,
  DROPOUT: Number(dropout > 0),
});

/** And those that go over tiles. */
const tilesOf = ({ headDim, valueDim }: AttentionAttrs) => ({
  HEAD_BLOCKS: blocksOf(headDim),
  VALUE_BLOCKS: blocksOf(valueDim),
  WIDE: Number(Math.max(headDim, valueDim) > attentionTile.CHUNK),
});

const selectVariant = (device: Device) => device.variants.select('attention', attentionCandidates(device));

/** A thread takes four queries or keys of one of `lines` heads, and a chunk of the columns. */
function threadsFor(variant: 'plain' | 'quadShuffle', lines: number, positions: number, columns: number) {
  const chunks = Math.max(1, Math.ceil(columns / attentionTile.CHUNK));
  const team = forwardKernel[variant].constants.TEAM;
  return { threads: lines * Math.ceil(positions / (4 * team)) * team * chunks };
}

/** Loop rounds of a thread for one tile: with dropout, ten rounds of the generator for each of its queries. */
function tileRounds({ dropout }: AttentionAttrs, columns: number): number {
  return 3 + columns / 4 + (dropout > 0 ? 50 : 0);
}

/** The dispatches that go over `tiles` tiles. */
const tileRanges = (attrs: AttentionAttrs, tiles: number, columns: number) =>
  loopRanges(tiles, tileRounds(attrs, columns)).map(({ first, end }) => ({
    first_tile: first,
    end_tile: end,
  }));

/** The tensors in which the operands lie: a key that is not given is part of the query's, a value of the key's. */
function placesOf({ query, key = query, value = key, attnMask }: Operands, none: Tensor) {
  return { query, key, value, mask: attnMask ?? none };
}

type BackwardAttrs = AttentionAttrs & { node: number };

const attentionBackward = defineInternal({
  name: 'attentionBackward',
  inputs: ['query', 'key?', 'value?', 'attnMask?', 'y', 'dy', 'statistics'],
  outputs: ['dquery', 'dkey', 'dvalue'],
  fusion: { accumulates: ['dquery', 'dkey', 'dvalue'] },
  shape: ({ query, key, value }) => ({
    dquery: query,
    dkey: key ?? [0],
    dvalue: value ?? [0],
  }),
  lower({ y, dy, statistics, dquery, dkey, dvalue, ...operands }, { node, ...attrs }: BackwardAttrs, k) {
    const reads = { ...placesOf(operands, k.emptyBuffer), dy };
    const params = paramsOf(attrs, operands.attnMask, node);
    const { batch, heads, groups, queries, keys, headDim, valueDim } = attrs;
    const constants = { ...kindOf(attrs, operands.attnMask), ...tilesOf(attrs) };
    const variant = selectVariant(k.device);
    const columns = headDim + valueDim;
    tileRanges(attrs, Math.ceil(keys / 4), columns).forEach((range, i) => {
      k.dispatch(
        backwardQueryKernel[variant],
        { ...reads, y },
        { statistics, dquery },
        { ...params, ...range },
        threadsFor(variant, batch * heads, queries, headDim),
        { constants: { ...constants, ACCUMULATE: i > 0 ? 1 : k.accumulate('dquery') } },
      );
    });
    const ofKey = operands.key ? 'dkey' : 'dquery';
    const ofValue = operands.value ? 'dvalue' : ofKey;
    const into = operands.key ? dkey : dquery;
    const size = threadsFor(variant, (batch * heads) / groups, keys, Math.max(headDim, valueDim));
    tileRanges(attrs, Math.ceil(queries / 4) * groups, columns).forEach((range, i) => {
      const accumulate = {
        ACCUMULATE: i > 0 ? 1 : k.accumulate(ofKey),
        ACCUMULATE_VALUE: i > 0 ? 1 : k.accumulate(ofValue),
      };
      const options = { constants: { ...constants, ...accumulate, GROUPED: Number(groups > 1) } };
      const uniforms = { ...params, ...range };
      if (operands.value) {
        const kernel =
          variant === 'quadShuffle' ? backwardKeyKernel['quadShuffle.separate'] : backwardKeyKernel.separate;
        k.dispatch(kernel, { ...reads, statistics }, { dkey: into, dvalue }, uniforms, size, options);
      } else {
        const kernel =
          variant === 'quadShuffle' ? backwardKeyKernel['quadShuffle.packed'] : backwardKeyKernel.packed;
        k.dispatch(kernel, { ...reads, statistics }, { dkey: into }, uniforms, size, options);
      }
    });
  },
  backward: (tensors, attrs, needs) => {
    refuseDropout(attrs);
    return throughDecomposition(
      ({ query, key, value, attnMask, dy }: BackwardTensors, attrs: BackwardAttrs) => {
        const found = attentionGradients({ query, key, value, attnMask }, attrs, dy);
        return { dquery: found.query, dkey: found.key, dvalue: found.value };
      },
    )(tensors, attrs, needs);
  },
});

type BackwardTensors = Operands & { dy: Tensor };

/** The masks that the kernels drew are not there to be differentiated. */
function refuseDropout({ dropout }: AttentionAttrs): void {
  if (dropout === 0) return;
  throw new GradloomError({
    code: 'unsupported',
    op: 'gradients',
    argument: 'scaledDotProductAttention',
    got: 'second derivatives with dropout',
    expected: 'attention without dropout',
    fix: 'Set dropoutP to 0',
  });
}

const attentionBackwardMask = defineInternal({
  name: 'attentionBackwardMask',
  inputs: ['query', 'key?', 'value?', 'attnMask', 'dy', 'statistics'],
  outputs: ['dmask'],
  fusion: { accumulates: ['dmask'] },
  shape: ({ attnMask }) => ({ dmask: attnMask }),
  lower({ dy, statistics, dmask, ...operands }, { node, ...attrs }: BackwardAttrs, k) {
    const { attnMask } = operands;
    const { size } = attnMask;
    const params = paramsOf(attrs, attnMask, node);
    const pairs =
      (attrs.batch * attrs.heads) / sizeOf(params.mask_shape.filter((_, d) => params.mask_strides[d] > 0));
    const terms = pairs * (params.mask_row ? 1 : attrs.queries) * (params.mask_key ? 1 : attrs.keys);
    const least = loopRanges(terms, 6 + tileRounds(attrs, attrs.headDim + attrs.valueDim)).length;
    const PARTS = Math.max(partsOfLine(size, terms, k.device), least);
    const sizes = {
      MASK_SIZE: size,
      MASK_ROWS: attnMask.shape.at(-2) ?? 1,
      MASK_KEYS: attnMask.shape.at(-1) ?? 1,
      TERMS: terms,
      PARTS,
    };
    const accumulate = k.accumulate('dmask');
    const sums = PARTS > 1 ? k.scratch([PARTS, size]) : dmask;
    k.dispatch(
      backwardMaskKernel,
      { ...placesOf(operands, k.emptyBuffer), dy, statistics },
      { dmask: sums },
      params,
      { threads: size * PARTS },
      { constants: { ...kindOf(attrs, attnMask), ...sizes, ACCUMULATE: PARTS > 1 ? 0 : accumulate } },
    );
    if (PARTS === 1) return;
    const layout = reduceLayout('scaledDotProductAttention', [PARTS, size], [0]);
    reduceBy(k, layout, sums, dmask, { kernel: reduceForward.sum, accumulate });
  },
  backward: (tensors, attrs, needs) => {
    refuseDropout(attrs);
    return throughDecomposition(
      ({ query, key, value, attnMask, dy }: BackwardTensors, attrs: BackwardAttrs) => ({
        dmask: attentionGradients({ query, key, value, attnMask }, attrs, dy).attnMask,
      }),
    )(tensors, attrs, needs);
  },
});

/**
 * y, and two numbers for every row: the logsumexp of its scores, and room for what the backward pass needs. The
 * gradients of operands that are parts of one tensor come as one tensor.
 */
export const attentionForward = defineInternal({
  name: 'attentionForward',
  inputs: ['query', 'key?', 'value?', 'attnMask?'],
  outputs: ['y', 'statistics'],
  shape: (_, { shape, batch, heads, queries }: AttentionAttrs) => ({
    y: shape,
    statistics: inFloat32([batch, heads, queries, 2]),
  }),
  lower({ y, statistics, ...operands }, attrs, k) {
    const { batch, heads, queries, keys, headDim, valueDim } = attrs;
    const variant = selectVariant(k.device);
    const ranges = tileRanges(attrs, Math.ceil(keys / 4), headDim);
    ranges.forEach((range, i) => {
      // Each dispatch reads what the one before left in the other slot; the last one writes to the first.
      const slot = (ranges.length - 1 - i) % 2;
      k.dispatch(
        forwardKernel[variant],
        placesOf(operands, k.emptyBuffer),
        { y, statistics },
        { ...paramsOf(attrs, operands.attnMask, k.nodeId), ...range, slot },
        threadsFor(variant, batch * heads, queries, valueDim),
        { constants: { ...kindOf(attrs, operands.attnMask), ...tilesOf(attrs), RESUMED: Number(i > 0) } },
      );
    });
  },
  backward({ query, key, value, attnMask, y, statistics, dy }, attrs, needs) {
    if (!dy) return {};
    const backwardAttrs = { ...attrs, node: y.node!.index };
    const inputs = { query, key, value, attnMask, dy, statistics };
    const { dquery, dkey, dvalue } = attentionBackward({ ...inputs, y }, backwardAttrs);
    return {
      query: dquery,
      key: key && dkey,
      value: value && dvalue,
      attnMask:
        attnMask && needs.attnMask && isFloat(attnMask.dtype)
          ? attentionBackwardMask({ ...inputs, attnMask }, backwardAttrs).dmask
          : undefined,
    };
  },
});
