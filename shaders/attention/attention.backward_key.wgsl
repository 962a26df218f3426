// Gradients of attention with respect to keys and values. The weights p are computed again from the saved logsumexp:
//   dvalue_j = sum_i p[i, j] dy_i   dkey_j = scale sum_i dscore[i, j] query_i
// over all rows i of all heads that share the key, with p and dscore as in attention.backward_query.wgsl and dropout's
// factors on p in dvalue. One thread per four keys, over tiles of four rows; dkey and dvalue hold the running sums.
import package::lib::attention::{dropout_factors, masked, weight};
import package::lib::grid::workgroup_index;
import package::lib::offset::offset4;
import package::lib::step::Step;

const FOUR = vec4<u32>(0u, 1u, 2u, 3u);

struct Params {
  /// Batch entries and heads in one; `groups` neighbouring ones share a key and value head.
  batches: u32,
  groups: u32,
  rows: u32,
  keys: u32,
  width: u32,
  value_width: u32,
  causal: u32,
  scale: f32,
  /// 0, MASK_BOOLEAN or MASK_ADDITIVE.
  mask_kind: u32,
  mask_row: u32,
  mask_key: u32,
  /// p * 2^32, or 0 without dropout.
  threshold: u32,
  keep_scale: f32,
  node: u32,
  accumulate_key: u32,
  accumulate_value: u32,
  mask_shape: vec4<u32>,
  mask_strides: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> query: array<f32>;
@group(0) @binding(2) var<storage, read> key: array<f32>;
@group(0) @binding(3) var<storage, read> value: array<f32>;
@group(0) @binding(4) var<storage, read> mask: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read> statistics: array<f32>;
@group(0) @binding(7) var<storage, read_write> dkey: array<f32>;
@group(0) @binding(8) var<storage, read_write> dvalue: array<f32>;
@group(0) @binding(9) var<uniform> step: Step;

/// The scores of one row for four keys, from the products with it.
fn score(product: vec4<f32>, mask_at: u32, row: u32, keys: vec4<u32>) -> vec4<f32> {
  var values = vec4<f32>();
  if (params.mask_kind != 0u) {
    let at = mask_at + min(row, params.rows - 1u) * params.mask_row + keys * params.mask_key;
    values = vec4<f32>(mask[at.x], mask[at.y], mask[at.z], mask[at.w]);
  }
  let own = vec4<u32>(row);
  let later = keys > own;
  let outside = row >= params.rows;
  let causal = params.causal != 0u;
  let beyond = vec4<bool>(outside) | (later & vec4<bool>(causal));
  return masked(product * params.scale, values, params.mask_kind, beyond);
}

/// The weights of one row, from the products with it.
fn weights(product: vec4<f32>, mask_at: u32, row: u32, keys: vec4<u32>, line: u32) -> vec4<f32> {
  return weight(score(product, mask_at, row, keys), vec4<f32>(statistics[2u * line]));
}

/// Factors of dropout for one row (of all batch entries) and four keys.
fn factors(line: u32, quad: u32) -> vec4<f32> {
  let seed = vec2<u32>(step.seed_lo, step.seed_hi);
  return dropout_factors(seed, quad, line, step.index, params.node, params.threshold, params.keep_scale);
}

@compute @workgroup_size(64)
fn attention_backward_key(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  let quads = (params.keys + 3u) / 4u;
  let kv_batch = index / quads;
  let first = index % quads * 4u;
  if (kv_batch * params.groups >= params.batches) {
    return;
  }
  let keys = min(first + FOUR, vec4<u32>(params.keys - 1u));
  let k_at = (kv_batch * params.keys + keys) * params.width;
  let v_at = (kv_batch * params.keys + keys) * params.value_width;
  var add_key = params.accumulate_key != 0u;
  var add_value = params.accumulate_value != 0u;
  // A key is seen by the rows from its own position on.
  let start = select(0u, first, params.causal != 0u);
  for (var head = 0u; head < params.groups; head++) {
    let batch = kv_batch * params.groups + head;
    let mask_at = offset4(batch, params.mask_shape, params.mask_strides);
    for (var i = start; i < params.rows; i += 4u) {
      let line = batch * params.rows + min(i + FOUR, vec4<u32>(params.rows - 1u));
      let q_at = line * params.width;
      let y_at = line * params.value_width;
      var p = mat4x4<f32>();
      for (var d = 0u; d < params.width; d++) {
        let x = vec4<f32>(key[k_at.x + d], key[k_at.y + d], key[k_at.z + d], key[k_at.w + d]);
        p[0] += x * query[q_at.x + d];
        p[1] += x * query[q_at.y + d];
        p[2] += x * query[q_at.z + d];
        p[3] += x * query[q_at.w + d];
      }
      p = mat4x4<f32>(
        weights(p[0], mask_at, i, keys, line.x),
        weights(p[1], mask_at, i + 1u, keys, line.y),
        weights(p[2], mask_at, i + 2u, keys, line.z),
        weights(p[3], mask_at, i + 3u, keys, line.w),
      );
      var ds = mat4x4<f32>();
      for (var d = 0u; d < params.value_width; d++) {
        let x = vec4<f32>(value[v_at.x + d], value[v_at.y + d], value[v_at.z + d], value[v_at.w + d]);
        ds[0] += x * dy[y_at.x + d];
        ds[1] += x * dy[y_at.y + d];
        ds[2] += x * dy[y_at.z + d];
        ds[3] += x * dy[y_at.w + d];
      }
      var kept = p;
      if (params.threshold != 0u) {
        let f = mat4x4<f32>(
          factors(line.x, first / 4u),
          factors(line.y, first / 4u),
          factors(line.z, first / 4u),
          factors(line.w, first / 4u),
        );
        kept = mat4x4<f32>(p[0] * f[0], p[1] * f[1], p[2] * f[2], p[3] * f[3]);
        ds = mat4x4<f32>(ds[0] * f[0], ds[1] * f[1], ds[2] * f[2], ds[3] * f[3]);
      }
      ds = mat4x4<f32>(
        p[0] * (ds[0] - statistics[2u * line.x + 1u]),
        p[1] * (ds[1] - statistics[2u * line.y + 1u]),
        p[2] * (ds[2] - statistics[2u * line.z + 1u]),
        p[3] * (ds[3] - statistics[2u * line.w + 1u]),
      ) * params.scale;
      for (var d = 0u; d < params.value_width; d++) {
        var sum = vec4<f32>();
        if (add_value) {
          sum = vec4<f32>(dvalue[v_at.x + d], dvalue[v_at.y + d], dvalue[v_at.z + d], dvalue[v_at.w + d]);
        }
        sum += kept[0] * dy[y_at.x + d] + kept[1] * dy[y_at.y + d];
        sum += kept[2] * dy[y_at.z + d] + kept[3] * dy[y_at.w + d];
        dvalue[v_at.x + d] = sum.x;
        dvalue[v_at.y + d] = sum.y;
        dvalue[v_at.z + d] = sum.z;
        dvalue[v_at.w + d] = sum.w;
      }
      for (var d = 0u; d < params.width; d++) {
        var sum = vec4<f32>();
        if (add_key) {
          sum = vec4<f32>(dkey[k_at.x + d], dkey[k_at.y + d], dkey[k_at.z + d], dkey[k_at.w + d]);
        }
        sum += ds[0] * query[q_at.x + d] + ds[1] * query[q_at.y + d];
        sum += ds[2] * query[q_at.z + d] + ds[3] * query[q_at.w + d];
        dkey[k_at.x + d] = sum.x;
        dkey[k_at.y + d] = sum.y;
        dkey[k_at.z + d] = sum.z;
        dkey[k_at.w + d] = sum.w;
      }
      add_key = true;
      add_value = true;
    }
  }
  // Keys that no row sees.
  if (!add_value) {
    for (var d = 0u; d < params.value_width; d++) {
      dvalue[v_at.x + d] = 0.0;
      dvalue[v_at.y + d] = 0.0;
      dvalue[v_at.z + d] = 0.0;
      dvalue[v_at.w + d] = 0.0;
    }
  }
  if (!add_key) {
    for (var d = 0u; d < params.width; d++) {
      dkey[k_at.x + d] = 0.0;
      dkey[k_at.y + d] = 0.0;
      dkey[k_at.z + d] = 0.0;
      dkey[k_at.w + d] = 0.0;
    }
  }
}
