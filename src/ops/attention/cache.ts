/** Attention over a cache of keys and values, for generation: no gradients, no masks, causal by position. */
import appendKernel from '../../../shaders/attention/cache.append.wgsl';
import attendKernel from '../../../shaders/attention/cache.attend.wgsl';
import { defineInternal, viewOf } from '../../graph/ir/op';
import { loopRanges } from '../common';

/**
 * Writes keys and values of new tokens at their positions. `qkv` `[N, T, 3 E]`, `positions` int32 `[N, T]` (negative:
 * not written), `keys` and `values` `[N, capacity, E]`, which are updated in place and given back.
 */
export const appendToCache = defineInternal({
  name: 'appendToCache',
  inputs: ['qkv', 'positions', 'keys', 'values'],
  outputs: ['newKeys', 'newValues'],
  shape: ({ keys, values }) => ({
    newKeys: viewOf(keys, keys.shape),
    newValues: viewOf(values, values.shape),
  }),
  lower({ qkv, positions, newKeys, newValues }, _: undefined, k) {
    const [batch, steps] = positions.shape;
    const [, capacity, width] = newKeys.shape;
    const params = { batch, steps, width, capacity };
    k.dispatch(appendKernel, { qkv, positions }, { keys: newKeys, values: newValues }, params, {
      threads: batch * steps * width,
    });
  },
});

/**
 * Attention of new tokens to all cached ones up to their own position: y `[N, T, E]`. `sources` int32 `[N, capacity]`
 * names the cache row that holds each position of a sequence.
 */
export const attendToCache = defineInternal({
  name: 'attendToCache',
  inputs: ['qkv', 'keys', 'values', 'positions', 'sources'],
  outputs: ['y'],
  shape: ({ qkv }, _: { heads: number }) => ({ y: [...qkv.shape.slice(0, 2), qkv.shape[2] / 3] }),
  lower({ qkv, keys, values, positions, sources, y }, { heads }, k) {
    const [batch, steps, width] = y.shape;
    const queries = batch * steps * heads;
    const scale = 1 / Math.sqrt(width / heads);
    const capacity = keys.shape[1];
    const size = width / heads;
    const { TILE } = attendKernel.constants;
    const state = k.scratch([queries, 2]);
    // Per tile: scores, their maximum and the sum of exponentials (online softmax), then the weighted values.
    const rounds = 5 + size + 2 * TILE + Math.ceil(size / TILE) * (TILE + 3);
    for (const { first, end } of loopRanges(Math.ceil(capacity / TILE), rounds)) {
      const params = { queries, steps, heads, width, capacity, scale, first_tile: first, end_tile: end };
      k.dispatch(attendKernel, { qkv, keys, values, positions, sources }, { y, state }, params, {
        workgroups: queries,
      });
    }
  },
});
