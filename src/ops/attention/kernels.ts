/**
 * Attention forward and backward on query [..., rows, width], key [..., keys, width] and value [..., keys, width of
 * value]: the batch dims are those of the query, of which `groups` neighbouring entries share a key and value.
 */
import backwardKeyKernel from '../../../shaders/attention/attention.backward_key.wgsl';
import backwardMaskKernel from '../../../shaders/attention/attention.backward_mask.wgsl';
import backwardQueryKernel from '../../../shaders/attention/attention.backward_query.wgsl';
import forwardKernel from '../../../shaders/attention/attention.forward.wgsl';
import statisticsKernel from '../../../shaders/attention/attention.statistics.wgsl';
import { GradloomError } from '../../errors';
import { defineInternal, inFloat32 } from '../../graph/op';
import { type Shape, sizeOf, type Tensor } from '../../graph/tensor';
import { isFloat } from '../../graph/variable';
import { broadcastStrides, collapse, grid } from '../common';

export interface AttentionAttrs {
  groups: number;
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
    return { mask_kind: 0, mask_shape: [1, 1, 1, 1], mask_strides: none, mask_row: 0, mask_key: 0 };
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
    mask_kind: mask.dtype === 'bool' ? 1 : 2,
    mask_shape: padded(shape, 1),
    mask_strides: padded(steps, 0),
    mask_row: strides.at(-2)!,
    mask_key: strides.at(-1)!,
  };
}

interface Operands {
  query: Tensor;
  key: Tensor;
  value: Tensor;
  attnMask?: Tensor;
}

/** The uniform fields that all kernels of attention share; `node` names the random stream of dropout. */
function sharedParams({ query, key, value, attnMask }: Operands, attrs: AttentionAttrs, node: number) {
  const batch = query.shape.slice(0, -2);
  const [rows, width] = query.shape.slice(-2);
  const keys = key.shape.at(-2)!;
  const { groups, causal, scale, dropout } = attrs;
  return {
    batches: sizeOf(batch),
    groups,
    rows,
    keys,
    width,
    value_width: value.shape.at(-1)!,
    causal,
    scale,
    threshold: Math.min(Math.round(dropout * 2 ** 32), 2 ** 32 - 1),
    keep_scale: dropout < 1 ? 1 / (1 - dropout) : 0,
    node,
    ...maskParams(attnMask, batch, rows, keys),
  };
}

/** Workgroups for one thread per four rows or keys. */
const quads = (batches: number, lines: number) => grid(batches * Math.ceil(lines / 4), 64);

const attentionStatistics = defineInternal({
  name: 'attentionStatistics',
  inputs: ['y', 'dy', 'logsumexp'],
  outputs: ['statistics'],
  shape: ({ logsumexp }) => ({ statistics: inFloat32([...logsumexp.shape, 2]) }),
  lower({ y, dy, logsumexp, statistics }, _: undefined, k) {
    const lines = logsumexp.size;
    const params = { lines, width: y.shape.at(-1)! };
    k.run(statisticsKernel, { y, dy, logsumexp }, { statistics }, params, grid(lines, 64));
  },
});

type BackwardAttrs = AttentionAttrs & { node: number };
const BACKWARD_INPUTS = ['query', 'key', 'value', 'attnMask?', 'dy', 'statistics'] as const;

const attentionBackwardQuery = defineInternal({
  name: 'attentionBackwardQuery',
  inputs: BACKWARD_INPUTS,
  outputs: ['dquery'],
  accumulates: ['dquery'],
  shape: ({ query }) => ({ dquery: query }),
  lower({ query, key, value, attnMask, dy, statistics, dquery }, { node, ...attrs }: BackwardAttrs, k) {
    const params = sharedParams({ query, key, value, attnMask }, attrs, node);
    k.run(
      backwardQueryKernel,
      { query, key, value, mask: attnMask ?? k.none, dy, statistics },
      { dquery },
      { ...params, accumulate: k.accumulate('dquery') },
      quads(params.batches, params.rows),
    );
  },
});

const attentionBackwardKey = defineInternal({
  name: 'attentionBackwardKey',
  inputs: BACKWARD_INPUTS,
  outputs: ['dkey', 'dvalue'],
  accumulates: ['dkey', 'dvalue'],
  shape: ({ key, value }) => ({ dkey: key, dvalue: value }),
  lower({ query, key, value, attnMask, dy, statistics, dkey, dvalue }, { node, ...attrs }: BackwardAttrs, k) {
    const params = sharedParams({ query, key, value, attnMask }, attrs, node);
    const accumulate = { accumulate_key: k.accumulate('dkey'), accumulate_value: k.accumulate('dvalue') };
    k.run(
      backwardKeyKernel,
      { query, key, value, mask: attnMask ?? k.none, dy, statistics },
      { dkey, dvalue },
      { ...params, ...accumulate },
      quads(params.batches / params.groups, params.keys),
    );
  },
});

const attentionBackwardMask = defineInternal({
  name: 'attentionBackwardMask',
  inputs: ['query', 'key', 'value', 'attnMask', 'dy', 'statistics'],
  outputs: ['dmask'],
  accumulates: ['dmask'],
  shape: ({ attnMask }) => ({ dmask: attnMask }),
  lower({ query, key, value, attnMask, dy, statistics, dmask }, { node, ...attrs }: BackwardAttrs, k) {
    const sizes = {
      mask_size: attnMask.size,
      mask_rows: attnMask.shape.at(-2) ?? 1,
      mask_keys: attnMask.shape.at(-1) ?? 1,
    };
    k.run(
      backwardMaskKernel,
      { query, key, value, mask: attnMask, dy, statistics },
      { dmask },
      {
        ...sharedParams({ query, key, value, attnMask }, attrs, node),
        ...sizes,
        accumulate: k.accumulate('dmask'),
      },
      grid(attnMask.size, 64),
    );
  },
});

/** y and the logsumexp of every row of scores. */
export const attentionForward = defineInternal({
  name: 'attentionForward',
  inputs: ['query', 'key', 'value', 'attnMask?'],
  outputs: ['y', 'logsumexp'],
  shape: ({ query, value }, _: AttentionAttrs) => ({
    y: [...query.shape.slice(0, -1), value.shape.at(-1)!],
    logsumexp: inFloat32(query.shape.slice(0, -1)),
  }),
  lower({ query, key, value, attnMask, y, logsumexp }, attrs, k) {
    const params = sharedParams({ query, key, value, attnMask }, attrs, k.nodeId);
    k.run(
      forwardKernel,
      { query, key, value, mask: attnMask ?? k.none },
      { y, logsumexp },
      params,
      quads(params.batches, params.rows),
    );
  },
  backward({ query, key, value, attnMask, y, logsumexp, dy }, attrs, needs) {
    if (!dy) return {};
    const { statistics } = attentionStatistics({ y, dy, logsumexp }, undefined);
    const inputs = { query, key, value, attnMask, dy, statistics };
    const backwardAttrs = { ...attrs, node: y.node!.index };
    const { dkey, dvalue } =
      needs.key || needs.value
        ? attentionBackwardKey(inputs, backwardAttrs)
        : { dkey: undefined, dvalue: undefined };
    return {
      query: needs.query ? attentionBackwardQuery(inputs, backwardAttrs).dquery : undefined,
      key: dkey,
      value: dvalue,
      attnMask:
        attnMask && needs.attnMask && isFloat(attnMask.dtype)
          ? attentionBackwardMask({ ...inputs, attnMask }, backwardAttrs).dmask
          : undefined,
    };
  },
});
