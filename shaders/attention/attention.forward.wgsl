// Scaled dot product attention with an online softmax, so that no matrix of queries x keys is ever stored:
//   score[i, j] = scale <query_i, key_j> + mask[i, j]   y_i = sum_j exp(score[i, j] - logsumexp_i) value_j
// query [entries, heads, rows, width], key [entries, heads / groups, keys, width], value likewise with value_width and
// y [entries, heads, rows, value_width], each with its strides. Saved for the backward pass: statistics
// [entries, heads, rows, 2], first the logsumexp, EMPTY for a row that sees no key, whose y is 0. One thread per four
// rows and chunk of columns, over tiles of four keys. Source: Dao et al., "FlashAttention", 2022.
// rounds: (end_tile - first_tile) * (2 + width / 4 + 50 * DROPOUT) + 6 * value_width / 4 + 60
// variants: plain quadShuffle
import package::lib::attention::{
  Blocks, EMPTY, FIRST_LOOPED, FOUR, HIDDEN, KEY_BLOCKS, LOOPED, TEAM, VALUE_BLOCKS, begin, dropped, factors,
  key_tile, key_tiles, key_width, limits_of, mask_begin, params, place_of, products, query, query_block, scaled,
  scores, tile_order, tile_positions, value_tiles, value_width, weights,
};
import package::lib::float::are_nan;
import package::lib::grid::workgroup_index;

@if(quadShuffle) enable subgroups;
// Four neighbouring threads always take the same way: they share all that they branch on but their lane.
@if(quadShuffle) diagnostic(off, subgroup_uniformity);

/// Specialized: whether y and the statistics hold the result for the keys before the first tile.
const RESUMED = 0u;

@group(0) @binding(7) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> statistics: array<f32>;

/// The largest score of each row.
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
) {
  let p = params;
  let place = place_of(workgroup_index(group, groups) * 64u + local, p.rows, p.heads, value_width(p));
  if (place.entry >= p.entries) {
    return;
  }
  let row = min(place.own + FOUR, vec4<u32>(p.rows - 1u));
  let line = (place.entry * p.heads + place.head) * p.rows + row;
  let q_at = begin(p.query, place.entry, place.head, row);
  let mask_at = mask_begin(place.entry, place.head);
  let kv_head = place.head / p.groups;
  let seen = select(p.keys, min(p.keys, place.first + 4u * TEAM), p.causal != 0u);
  let limit = min(seen, 4u * p.end_tile);
  let c = place.column;
  @if(quadShuffle) var q = Blocks();
  @if(quadShuffle) for (var b = 0u; b < KEY_BLOCKS; b++) {
    for (var r = 0u; r < 4u; r++) {
      q[b][r] = query[q_at[r] / 4u + b];
    }
  }
  var sum0 = mat4x4<f32>();
  var sum1 = mat4x4<f32>();
  var sum2 = mat4x4<f32>();
  var sum3 = mat4x4<f32>();
  let order = tile_order(place.lane);
  let limits = limits_of(p, row);
  var largest = vec4<f32>(HIDDEN);
  var total = vec4<f32>();
  let y_at = begin(p.y, place.entry, place.head, row);
  if (RESUMED == 1u) {
    for (var r = 0u; r < 4u; r++) {
      let logsumexp = statistics[2u * line[r] + 1u - p.slot];
      if (logsumexp != EMPTY) {
        largest[r] = logsumexp;
        total[r] = 1.0;
      }
    }
    var before = Blocks();
    for (var d = c; d < min(c + 4u * VALUE_BLOCKS, value_width(p)); d += 4u) {
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
    let k_at = begin(p.key, place.entry, kv_head, positions);
    @if(!quadShuffle) var s = mat4x4<f32>();
    @if(quadShuffle) var s = products(key_tiles(k_at, 0u), q, KEY_BLOCKS);
    if (LOOPED == 1u) {
      for (var d = FIRST_LOOPED; d < key_width(p); d += 4u) {
        s += transpose(key_tile(k_at, d)) * query_block(q_at, d);
      }
    }
    s = scores(p, s, mask_at, row, limits, j + order);
    let before = largest;
    largest = max(largest, largest_of(s));
    let shrink = exp(before - largest);
    s = weights(s, largest);
    total = total * shrink + sum_of(s);
    s = dropped(s, factors(p, line, j / 4u, place.lane));
    let v = value_tiles(begin(p.value, place.entry, kv_head, positions), c);
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
  for (var d = c; d < min(c + 4u * VALUE_BLOCKS, value_width(p)); d += 4u) {
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
