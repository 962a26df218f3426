/**
 * Attention forward and backward. Queries, keys and values may be parts of one tensor (the packed projections of
 * multi-head attention): each has a layout, and what the kernels read and write lies there without being copied.
 */
import backwardKeyKernel from '../../../shaders/attention/attention.backward_key.wgsl';
import backwardMaskKernel from '../../../shaders/attention/attention.backward_mask.wgsl';
import backwardQueryKernel from '../../../shaders/attention/attention.backward_query.wgsl';
import forwardKernel from '../../../shaders/attention/attention.forward.wgsl';
import { GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import type { Shape, Tensor } from '../../graph/ir/graph';
import { defineInternal, inFloat32 } from '../../graph/ir/op';
import { isFloat } from '../../graph/ir/variable';
import { broadcastStrides, collapse, grid, withQuad } from '../common';

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
    ...maskParams(mask, batch, attrs.rows, attrs.keys),
  };
}

/** Columns that a thread sums up: as many as registers hold, and compile within a second on CPU adapters. */
const CHUNK = 16;

const blocksOf = (columns: number) => Math.min(columns, CHUNK) / 4;

/** What all kernels are specialized for. */
const kindOf = ({ dropout }: AttentionAttrs, mask: Tensor | undefined) => ({
  MASK: mask ? (mask.dtype === 'bool' ? 1 : 2) : 0,
  DROPOUT: Number(dropout > 0),
});

/** And those that go over tiles. */
const tilesOf = ({ width, valueWidth }: AttentionAttrs) => ({
  KEY_BLOCKS: blocksOf(width),
  VALUE_BLOCKS: blocksOf(valueWidth),
  WIDE: Number(Math.max(width, valueWidth) > CHUNK),
});

const chooseVariant = (device: Device) => device.variants.select('attention', withQuad(device, ['plain']));

/** Workgroups for threads that take four rows or keys of `lines` heads and a chunk of the columns each. */
function workgroupsFor(variant: 'plain' | 'quad', lines: number, positions: number, columns: number) {
  const chunks = Math.max(1, Math.ceil(columns / CHUNK));
  const team = variant === 'quad' ? 4 : 1;
  return grid(lines * Math.ceil(positions / (4 * team)) * team * chunks, 64);
}

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
    k.dispatch(
      backwardQueryKernel[variant],
      { ...reads, y },
      { statistics, dquery },
      params,
      workgroupsFor(variant, entries * heads, rows, width),
      { constants: { ...constants, ACCUMULATE: k.accumulate('dquery') } },
    );
    const ofKey = operands.key ? 'dkey' : 'dquery';
    const ofValue = operands.value ? 'dvalue' : ofKey;
    const into = operands.key ? dkey : dquery;
    const accumulate = { ACCUMULATE: k.accumulate(ofKey), ACCUMULATE_VALUE: k.accumulate(ofValue) };
    const options = { constants: { ...constants, ...accumulate, GROUPED: Number(groups > 1) } };
    const workgroups = workgroupsFor(variant, (entries * heads) / groups, keys, Math.max(width, valueWidth));
    if (operands.value) {
      const kernel = variant === 'quad' ? backwardKeyKernel['quad.separate'] : backwardKeyKernel.separate;
      k.dispatch(kernel, { ...reads, statistics }, { dkey: into, dvalue }, params, workgroups, options);
    } else {
      const kernel = variant === 'quad' ? backwardKeyKernel['quad.packed'] : backwardKeyKernel.packed;
      k.dispatch(kernel, { ...reads, statistics }, { dkey: into }, params, workgroups, options);
    }
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
    const sizes = {
      MASK_SIZE: attnMask.size,
      MASK_ROWS: attnMask.shape.at(-2) ?? 1,
      MASK_KEYS: attnMask.shape.at(-1) ?? 1,
    };
    k.dispatch(
      backwardMaskKernel,
      { ...placesOf(operands, k.emptyBuffer), dy, statistics },
      { dmask },
      paramsOf(attrs, attnMask, node),
      grid(attnMask.size, 64),
      { constants: { ...kindOf(attrs, attnMask), ...sizes, ACCUMULATE: k.accumulate('dmask') } },
    );
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
    const { entries, heads, rows, valueWidth } = attrs;
    const variant = chooseVariant(k.device);
    k.dispatch(
      forwardKernel[variant],
      placesOf(operands, k.emptyBuffer),
      { y, statistics },
      paramsOf(attrs, operands.attnMask, k.nodeId),
      workgroupsFor(variant, entries * heads, rows, valueWidth),
      { constants: { ...kindOf(attrs, operands.attnMask), ...tilesOf(attrs) } },
    );
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
