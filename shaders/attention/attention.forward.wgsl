// Scaled dot product attention with an online softmax, so that no matrix of queries x keys is ever stored:
//   score[i, j] = scale <query_i, key_j> + mask[i, j]   y_i = sum_j exp(score[i, j] - logsumexp_i) value_j
// query [entries, heads, rows, head_dim], key [entries, heads / groups, keys, head_dim], value likewise with value_dim and
// y [entries, heads, rows, value_dim], each with its strides. Saved for the backward pass: statistics
// [entries, heads, rows, 2], first the logsumexp, EMPTY for a query that sees no key, whose y is 0. One thread per four
// queries and chunk of columns, over tiles of four keys. Source: Dao et al., "FlashAttention", 2022.
// rounds: (end_tile - first_tile) * (2 + head_dim / 4 + 50 * DROPOUT) + 6 * value_dim / 4 + 60
// variants: plain quadShuffle
// conditions: forward
// lowering reads: TEAM
import package::lib::attention::{
  EMPTY, FOUR, HEAD_BLOCKS, HIDDEN, VALUE_BLOCKS, dropped, factors, limits_of, mask_begin, params, query, scaled,
  scores, weights,
};
import package::lib::attention_tile::{
  Blocks, FIRST_LOOPED, GRADIENT, LOOPED, SCORE, TEAM, begin, head_dim_of, own_block, own_blocks, place_of, products,
  tile_block, tile_blocks, tile_order, tile_positions, value_dim_of,
};
import package::lib::float::are_nan;
import package::lib::grid::workgroup_index;

@if(quadShuffle) enable subgroups;
// Control flow is quad-uniform.
@if(quadShuffle) diagnostic(off, subgroup_uniformity);

/// Compile-time constant: whether y and the statistics hold the result for the keys before the first tile.
const RESUMED = 0u;

@group(0) @binding(7) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> statistics: array<f32>;

/// The largest score of each query.
fn largest_of(tile: mat4x4<f32>) -> vec4<f32> {
  let s = transpose(tile);
  return max(max(s[0], s[1]), max(s[2], s[3]));
}

fn sum_of(tile: mat4x4<f32>) -> vec4<f32> {
  let s = transpose(tile);
  return (s[0] + s[1]) + (s[2] + s[3]);
}

@compute @workgroup_size(64)
fn attention_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
  @if(quadShuffle) @builtin(subgroup_invocation_id) invocation: u32,
) {
  let p = params;
  @if(quadShuffle) let lane = invocation % 4u;
  @if(!quadShuffle) let lane = 0u;
  let thread = workgroup_index(group, groups) * 64u + local;
  let place = place_of(thread, lane, p.queries, p.heads, value_dim_of(p));
  if (place.batch >= p.batch) {
    return;
  }
  let queries = min(place.own + FOUR, vec4<u32>(p.queries - 1u));
  let line = (place.batch * p.heads + place.head) * p.queries + queries;
  let q_at = begin(p.query, place.batch, place.head, queries);
  let mask_at = mask_begin(place.batch, place.head);
  let kv_head = place.head / p.groups;
  let seen = select(p.keys, min(p.keys, place.first + 4u * TEAM), p.causal != 0u);
  let limit = min(seen, 4u * p.end_tile);
  let c = place.column;
  @if(quadShuffle) let q = own_blocks(SCORE, q_at, HEAD_BLOCKS);
  var sum0 = mat4x4<f32>();
  var sum1 = mat4x4<f32>();
  var sum2 = mat4x4<f32>();
  var sum3 = mat4x4<f32>();
  let order = tile_order(place.lane);
  let limits = limits_of(p, queries);
  var largest = vec4<f32>(HIDDEN);
  var total = vec4<f32>();
  let y_at = begin(p.y, place.batch, place.head, queries);
  if (RESUMED == 1u) {
    for (var r = 0u; r < 4u; r++) {
      let logsumexp = statistics[2u * line[r] + 1u - p.slot];
      if (logsumexp != EMPTY) {
        largest[r] = logsumexp;
        total[r] = 1.0;
      }
    }
    var before = Blocks();
    for (var d = c; d < min(c + 4u * VALUE_BLOCKS, value_dim_of(p)); d += 4u) {
      for (var r = 0u; r < 4u; r++) {
        before[(d - c) / 4u][r] = y[(y_at[r] + d) / 4u];
      }
    }
    sum0 = before[0];
    sum1 = before[1];
    sum2 = before[2];
    sum3 = before[3];
  }
  for (var j = 4u * p.first_tile; j < limit; j += 4u) {
    let positions = tile_positions(j, place.lane, p.keys);
    let k_at = begin(p.key, place.batch, kv_head, positions);
    @if(!quadShuffle) var s = mat4x4<f32>();
    @if(quadShuffle) var s = products(tile_blocks(SCORE, k_at, 0u, HEAD_BLOCKS), q, HEAD_BLOCKS);
    if (LOOPED == 1u) {
      for (var d = FIRST_LOOPED; d < head_dim_of(p); d += 4u) {
        s += transpose(tile_block(SCORE, k_at, d)) * own_block(SCORE, q_at, d);
      }
    }
    s = scores(p, s, mask_at, queries, limits, j + order);
    let before = largest;
    largest = max(largest, largest_of(s));
    let shrink = exp(before - largest);
    s = weights(s, largest);
    total = total * shrink + sum_of(s);
    s = dropped(s, factors(p, line, j / 4u, place.lane));
    let v = tile_blocks(GRADIENT, begin(p.value, place.batch, kv_head, positions), c, VALUE_BLOCKS);
    sum0 = scaled(sum0, shrink) + v[0] * s;
    if (VALUE_BLOCKS > 1u) {
      sum1 = scaled(sum1, shrink) + v[1] * s;
    }
    if (VALUE_BLOCKS > 2u) {
      sum2 = scaled(sum2, shrink) + v[2] * s;
    }
    if (VALUE_BLOCKS > 3u) {
      sum3 = scaled(sum3, shrink) + v[3] * s;
    }
  }
  let empty = total == vec4<f32>();
  let inverse = select(1.0 / total, vec4<f32>(), empty);
  var sums = Blocks(sum0, sum1, sum2, sum3);
  for (var d = c; d < min(c + 4u * VALUE_BLOCKS, value_dim_of(p)); d += 4u) {
    for (var r = 0u; r < 4u; r++) {
      y[(y_at[r] + d) / 4u] = sums[(d - c) / 4u][r] * inverse[r];
    }
  }
  if (c == 0u) {
    let logs = select(log(total), total, are_nan(total));
    let logsumexp = select(largest + logs, vec4<f32>(EMPTY), empty);
    for (var r = 0u; r < 4u; r++) {
      statistics[2u * line[r] + p.slot] = logsumexp[r];
    }
  }
}
