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
import { attentionCandidates } from '../../graph/compiler/heuristics';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineInternal, inFloat32 } from '../../graph/ir/op';
import { isFloat } from '../../graph/ir/variable';
import { attention } from '../../kernels/constants.generated';
import { broadcastStrides, collapse, loopRanges } from '../common';
import { partsOfLine, reduceLayout } from '../reduce/layout';
import { reduceBy } from '../reduce/reduce';

/**
 * Where element 0 lies, and how far an entry, a head and a position are from the next, in elements. These numbers and
 * the widths are multiples of 4.
 */
export type Layout = readonly [offset: number, entry: number, head: number, position: number];

/** Sizes and places of the operands. */
export interface AttentionAttrs {
  /** Batch dimensions before the rows: what the mask broadcasts to. */
  batch: Shape;
  /** Batch entries, and query heads in each of them; `groups` neighbouring heads share a key and value head. */
  entries: number;
  heads: number;
  groups: number;
  rows: number;
  keys: number;
  width: number;
  valueWidth: number;
  query: Layout;
  key: Layout;
  value: Layout;
  y: Layout;
  /** Shape of the output. */
  shape: Shape;
  causal: boolean;
  scale: number;
  dropout: number;
}

/** Mask dimensions before rows and keys that the kernels can walk over (vec4). */
const MASK_DIMS = 4;

/** Strides with which the batch entries, rows and keys find their element of the mask. */
function maskParams(mask: Tensor | undefined, batch: Shape, rows: number, keys: number) {
  if (!mask) {
    const none = [0, 0, 0, 0];
    return { mask_shape: [1, 1, 1, 1], mask_strides: none, mask_row: 0, mask_key: 0 };
  }
  const strides = broadcastStrides(mask.shape, [...batch, rows, keys]);
  const collapsed = collapse('scaledDotProductAttention', batch, strides.slice(0, -2));
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
  const { batch, valueWidth, dropout, shape: _, ...sizes } = attrs;
  return {
    ...sizes,
    value_width: valueWidth,
    threshold: Math.min(Math.round(dropout * 2 ** 32), 2 ** 32 - 1),
    keep_scale: dropout < 1 ? 1 / (1 - dropout) : 0,
    node,
    first_tile: 0,
    end_tile: 0,
    slot: 0,
    ...maskParams(mask, batch, attrs.rows, attrs.keys),
  };
}

const blocksOf = (columns: number) => Math.min(columns, attention.CHUNK) / 4;

/** What all kernels are specialized for. */
const kindOf = ({ dropout }: AttentionAttrs, mask: Tensor | undefined) => ({
  MASK: mask ? (mask.dtype === 'bool' ? attention.MASK_BOOLEAN : attention.MASK_ADDITIVE) : 0,
  DROPOUT: Number(dropout > 0),
});

/** And those that go over tiles. */
const tilesOf = ({ width, valueWidth }: AttentionAttrs) => ({
  KEY_BLOCKS: blocksOf(width),
  VALUE_BLOCKS: blocksOf(valueWidth),
  WIDE: Number(Math.max(width, valueWidth) > attention.CHUNK),
});

const chooseVariant = (device: Device) => device.variants.select('attention', attentionCandidates(device));

/** Workgroups for threads that take four rows or keys of `lines` heads and a chunk of the columns each. */
function workgroupsFor(variant: 'plain' | 'quadShuffle', lines: number, positions: number, columns: number) {
  const chunks = Math.max(1, Math.ceil(columns / attention.CHUNK));
  const team = forwardKernel[variant].constants.TEAM;
  return { threads: lines * Math.ceil(positions / (4 * team)) * team * chunks };
}

/** Loop rounds of a thread for one tile: with dropout, ten rounds of the generator for each of its rows. */
function tileRounds({ dropout }: AttentionAttrs, columns: number): number {
  return 3 + columns / 4 + (dropout > 0 ? 50 : 0);
}

/** The dispatches that go over `tiles` tiles. */
const tileRanges = (attrs: AttentionAttrs, tiles: number, columns: number) =>
  loopRanges(tiles, tileRounds(attrs, columns)).map(({ first, end }) => ({
    first_tile: first,
    end_tile: end,
  }));

interface Operands {
  query: Tensor;
  key?: Tensor;
  value?: Tensor;
  attnMask?: Tensor;
}

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
    const { entries, heads, groups, rows, keys, width, valueWidth } = attrs;
    const constants = { ...kindOf(attrs, operands.attnMask), ...tilesOf(attrs) };
    const variant = chooseVariant(k.device);
    const columns = width + valueWidth;
    tileRanges(attrs, Math.ceil(keys / 4), columns).forEach((range, i) => {
      k.dispatch(
        backwardQueryKernel[variant],
        { ...reads, y },
        { statistics, dquery },
        { ...params, ...range },
        workgroupsFor(variant, entries * heads, rows, width),
        { constants: { ...constants, ACCUMULATE: i > 0 ? 1 : k.accumulate('dquery') } },
      );
    });
    const ofKey = operands.key ? 'dkey' : 'dquery';
    const ofValue = operands.value ? 'dvalue' : ofKey;
    const into = operands.key ? dkey : dquery;
    const workgroups = workgroupsFor(variant, (entries * heads) / groups, keys, Math.max(width, valueWidth));
    tileRanges(attrs, Math.ceil(rows / 4) * groups, columns).forEach((range, i) => {
      const accumulate = {
        ACCUMULATE: i > 0 ? 1 : k.accumulate(ofKey),
        ACCUMULATE_VALUE: i > 0 ? 1 : k.accumulate(ofValue),
      };
      const options = { constants: { ...constants, ...accumulate, GROUPED: Number(groups > 1) } };
      const uniforms = { ...params, ...range };
      if (operands.value) {
        const kernel =
          variant === 'quadShuffle' ? backwardKeyKernel['quadShuffle.separate'] : backwardKeyKernel.separate;
        k.dispatch(kernel, { ...reads, statistics }, { dkey: into, dvalue }, uniforms, workgroups, options);
      } else {
        const kernel =
          variant === 'quadShuffle' ? backwardKeyKernel['quadShuffle.packed'] : backwardKeyKernel.packed;
        k.dispatch(kernel, { ...reads, statistics }, { dkey: into }, uniforms, workgroups, options);
      }
    });
  },
});

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
      (attrs.entries * attrs.heads) / sizeOf(params.mask_shape.filter((_, d) => params.mask_strides[d] > 0));
    const terms = pairs * (params.mask_row ? 1 : attrs.rows) * (params.mask_key ? 1 : attrs.keys);
    const least = loopRanges(terms, 6 + tileRounds(attrs, attrs.width + attrs.valueWidth)).length;
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
});

/**
 * y, and two numbers for every row: the logsumexp of its scores, and room for what the backward pass needs. The
 * gradients of operands that are parts of one tensor come as one tensor.
 */
export const attentionForward = defineInternal({
  name: 'attentionForward',
  inputs: ['query', 'key?', 'value?', 'attnMask?'],
  outputs: ['y', 'statistics'],
  shape: (_, { shape, entries, heads, rows }: AttentionAttrs) => ({
    y: shape,
    statistics: inFloat32([entries, heads, rows, 2]),
  }),
  lower({ y, statistics, ...operands }, attrs, k) {
    const { entries, heads, rows, keys, width, valueWidth } = attrs;
    const variant = chooseVariant(k.device);
    const ranges = tileRanges(attrs, Math.ceil(keys / 4), width);
    ranges.forEach((range, i) => {
      // Each dispatch reads what the one before left in the other slot; the last one writes to the first.
      const slot = (ranges.length - 1 - i) % 2;
      k.dispatch(
        forwardKernel[variant],
        placesOf(operands, k.emptyBuffer),
        { y, statistics },
        { ...paramsOf(attrs, operands.attnMask, k.nodeId), ...range, slot },
        workgroupsFor(variant, entries * heads, rows, valueWidth),
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
