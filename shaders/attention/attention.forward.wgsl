// Scaled dot product attention with an online softmax, so that no matrix of queries x keys is ever stored:
//   score[i, j] = scale <query_i, key_j> + mask[i, j]   y_i = sum_j exp(score[i, j] - logsumexp_i) value_j
// query [entries, heads, rows, width], key [entries, heads / groups, keys, width], value likewise with value_width and
// y [entries, heads, rows, value_width], each with its strides. Saved for the backward pass: statistics
// [entries, heads, rows, 2], first the logsumexp, EMPTY for a row that sees no key, whose y is 0. One thread per four
// rows and chunk of columns, over tiles of four keys. Source: Dao et al., "FlashAttention", 2022.
import package::lib::attention::{
  EMPTY, FOUR, HIDDEN, begin, dropped, factors, key_block, mask_begin, params, place_of, query_block, scaled, scores,
  value_block, weights,
};
import package::lib::grid::workgroup_index;

/// Specialized: blocks of a chunk, 1 to 4.
const BLOCKS = 1u;

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

fn put(at: vec4<u32>, d: u32, part: mat4x4<f32>) {
  if (d < params.value_width) {
    let i = (at + d) / 4u;
    y[i.x] = part[0];
    y[i.y] = part[1];
    y[i.z] = part[2];
    y[i.w] = part[3];
  }
}

@compute @workgroup_size(64)
fn attention_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  let place = place_of(index, params.rows, params.heads, params.value_width, 16u);
  if (place.entry >= params.entries) {
    return;
  }
  let p = params;
  let row = min(place.first + FOUR, vec4<u32>(p.rows - 1u));
  let line = (place.entry * p.heads + place.head) * p.rows + row;
  let q_at = begin(p.query, place.entry, place.head, row);
  let mask_at = mask_begin(place.entry, place.head);
  let kv_head = place.head / p.groups;
  let limit = select(p.keys, min(p.keys, place.first + 4u), p.causal != 0u);
  let c = place.column;
  var sum0 = mat4x4<f32>();
  var sum1 = mat4x4<f32>();
  var sum2 = mat4x4<f32>();
  var sum3 = mat4x4<f32>();
  var largest = vec4<f32>(HIDDEN);
  var total = vec4<f32>();
  for (var j = 0u; j < limit; j += 4u) {
    let positions = min(j + FOUR, vec4<u32>(p.keys - 1u));
    let k_at = begin(p.key, place.entry, kv_head, positions);
    var s = mat4x4<f32>();
    for (var d = 0u; d < p.width; d += 4u) {
      s += transpose(key_block(k_at, d)) * query_block(q_at, d);
    }
    s = scores(p, s, mask_at, row, j);
    let before = largest;
    largest = max(largest, largest_of(s));
    let shrink = exp(before - largest);
    s = weights(s, largest);
    total = total * shrink + sum_of(s);
    s = dropped(s, factors(p, line, j / 4u));
    let v_at = begin(p.value, place.entry, kv_head, positions);
    sum0 = scaled(sum0, shrink) + value_block(v_at, c) * s;
    if (BLOCKS > 1u) {
      sum1 = scaled(sum1, shrink) + value_block(v_at, c + 4u) * s;
    }
    if (BLOCKS > 2u) {
      sum2 = scaled(sum2, shrink) + value_block(v_at, c + 8u) * s;
    }
    if (BLOCKS > 3u) {
      sum3 = scaled(sum3, shrink) + value_block(v_at, c + 12u) * s;
    }
  }
  let empty = total == vec4<f32>();
  let inverse = select(1.0 / total, vec4<f32>(), empty);
  let y_at = begin(p.y, place.entry, place.head, row);
  put(y_at, c, scaled(sum0, inverse));
  if (BLOCKS > 1u) {
    put(y_at, c + 4u, scaled(sum1, inverse));
  }
  if (BLOCKS > 2u) {
    put(y_at, c + 8u, scaled(sum2, inverse));
  }
  if (BLOCKS > 3u) {
    put(y_at, c + 12u, scaled(sum3, inverse));
  }
  if (c == 0u) {
    let logsumexp = select(largest + log(total), vec4<f32>(EMPTY), empty);
    statistics[2u * line.x] = logsumexp.x;
    statistics[2u * line.y] = logsumexp.y;
    statistics[2u * line.z] = logsumexp.z;
    statistics[2u * line.w] = logsumexp.w;
  }
}
