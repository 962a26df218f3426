// Gradient of attention with respect to the queries. The weights p are computed again from the saved logsumexp:
//   dp[i, j] = <dy_i, value_j>   dscore = p (dp - delta_i)   dquery_i = scale sum_j dscore[i, j] key_j
// with delta_i = <dy_i, y_i>, which is the sum over keys of p dp; dropout's factors apply to dp. delta becomes the
// second of each pair of the statistics, for the kernels that follow. Operands as in attention.forward.wgsl; dy has the
// strides of y, dquery those of query. One thread per four rows and chunk of columns, over tiles of four keys.
import package::lib::attention::{
  FOUR, begin, dropped, dscores, dy, dy_block, factors, key_block, mask_begin, params, place_of, query_block, scores,
  value_block, weights,
};
import package::lib::grid::workgroup_index;

/// Specialized: blocks of a chunk, 1 to 4.
const BLOCKS = 1u;

@group(0) @binding(7) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(9) var<storage, read_write> dquery: array<vec4<f32>>;

/// Stores the gradient of `count` rows; those beyond the last are copies of it.
fn put(at: vec4<u32>, d: u32, count: u32, sum: mat4x4<f32>) {
  if (d < params.width) {
    let i = (at + d) / 4u;
    var part = sum * params.scale;
    if (params.accumulate != 0u) {
      part += mat4x4<f32>(dquery[i.x], dquery[i.y], dquery[i.z], dquery[i.w]);
    }
    for (var r = 0u; r < count; r++) {
      dquery[i[r]] = part[r];
    }
  }
}

@compute @workgroup_size(64)
fn attention_backward_query(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  let place = place_of(index, params.rows, params.heads, params.width, 16u);
  if (place.entry >= params.entries) {
    return;
  }
  let p = params;
  let row = min(place.first + FOUR, vec4<u32>(p.rows - 1u));
  let line = (place.entry * p.heads + place.head) * p.rows + row;
  let q_at = begin(p.query, place.entry, place.head, row);
  let y_at = begin(p.y, place.entry, place.head, row);
  let mask_at = mask_begin(place.entry, place.head);
  let kv_head = place.head / p.groups;
  let limit = select(p.keys, min(p.keys, place.first + 4u), p.causal != 0u);
  let c = place.column;
  var delta = vec4<f32>();
  for (var d = 0u; d < p.value_width; d += 4u) {
    let i = (y_at + d) / 4u;
    delta += vec4<f32>(dot(dy[i.x], y[i.x]), dot(dy[i.y], y[i.y]), dot(dy[i.z], y[i.z]), dot(dy[i.w], y[i.w]));
  }
  let at = 2u * line;
  let logsumexp = vec4<f32>(statistics[at.x], statistics[at.y], statistics[at.z], statistics[at.w]);
  if (c == 0u) {
    statistics[at.x + 1u] = delta.x;
    statistics[at.y + 1u] = delta.y;
    statistics[at.z + 1u] = delta.z;
    statistics[at.w + 1u] = delta.w;
  }
  var sum0 = mat4x4<f32>();
  var sum1 = mat4x4<f32>();
  var sum2 = mat4x4<f32>();
  var sum3 = mat4x4<f32>();
  for (var j = 0u; j < limit; j += 4u) {
    let positions = min(j + FOUR, vec4<u32>(p.keys - 1u));
    let k_at = begin(p.key, place.entry, kv_head, positions);
    var s = mat4x4<f32>();
    for (var d = 0u; d < p.width; d += 4u) {
      s += transpose(key_block(k_at, d)) * query_block(q_at, d);
    }
    let v_at = begin(p.value, place.entry, kv_head, positions);
    var ds = mat4x4<f32>();
    for (var d = 0u; d < p.value_width; d += 4u) {
      ds += transpose(value_block(v_at, d)) * dy_block(y_at, d);
    }
    s = weights(scores(p, s, mask_at, row, j), logsumexp);
    s = dscores(s, dropped(ds, factors(p, line, j / 4u)), delta);
    sum0 += key_block(k_at, c) * s;
    if (BLOCKS > 1u) {
      sum1 += key_block(k_at, c + 4u) * s;
    }
    if (BLOCKS > 2u) {
      sum2 += key_block(k_at, c + 8u) * s;
    }
    if (BLOCKS > 3u) {
      sum3 += key_block(k_at, c + 12u) * s;
    }
  }
  let count = min(params.rows - place.first, 4u);
  put(q_at, c, count, sum0);
  if (BLOCKS > 1u) {
    put(q_at, c + 4u, count, sum1);
  }
  if (BLOCKS > 2u) {
    put(q_at, c + 8u, count, sum2);
  }
  if (BLOCKS > 3u) {
    put(q_at, c + 12u, count, sum3);
  }
}
