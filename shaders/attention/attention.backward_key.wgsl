// Gradients of attention with respect to keys and values. The weights p are computed again from the saved logsumexp:
//   dvalue_j = sum_i p[i, j] dy_i   dkey_j = scale sum_i dscore[i, j] query_i
// over all rows i of all heads that share the key, with p and dscore as in attention.backward_query.wgsl and dropout's
// factors on p in dvalue. Operands as in attention.forward.wgsl; dkey has the strides of key, dvalue those of value, in
// one tensor in the variant `packed`. One thread per four keys and chunk of columns, over tiles of eight rows.
// variants: separate packed
import package::lib::attention::{
  FOUR, begin, dropped, dscores, dy_block, factors, key_block, mask_begin, params, place_of, query_block, scores,
  value_block, weights,
};
import package::lib::grid::workgroup_index;

/// Specialized: blocks of a chunk, 1 to 4.
const BLOCKS = 1u;

@group(0) @binding(7) var<storage, read> statistics: array<f32>;
@group(0) @binding(8) var<storage, read_write> dkey: array<vec4<f32>>;
@if(separate) @group(0) @binding(9) var<storage, read_write> dvalue: array<vec4<f32>>;

fn queries(low: vec4<u32>, high: vec4<u32>, d: u32, s: mat4x4<f32>, t: mat4x4<f32>) -> mat4x4<f32> {
  return query_block(low, d) * s + query_block(high, d) * t;
}

fn gradients(low: vec4<u32>, high: vec4<u32>, d: u32, s: mat4x4<f32>, t: mat4x4<f32>) -> mat4x4<f32> {
  return dy_block(low, d) * s + dy_block(high, d) * t;
}

/// Stores the gradient of `count` keys; those beyond the last are copies of it.
fn put_key(at: vec4<u32>, d: u32, count: u32, sum: mat4x4<f32>) {
  if (d < params.width) {
    let i = (at + d) / 4u;
    var part = sum * params.scale;
    if (params.accumulate != 0u) {
      part += mat4x4<f32>(dkey[i.x], dkey[i.y], dkey[i.z], dkey[i.w]);
    }
    for (var r = 0u; r < count; r++) {
      dkey[i[r]] = part[r];
    }
  }
}

fn put_value(at: vec4<u32>, d: u32, count: u32, sum: mat4x4<f32>) {
  if (d < params.value_width) {
    let i = (at + d) / 4u;
    var part = sum;
    if (params.accumulate_value != 0u) {
      @if(separate) part += mat4x4<f32>(dvalue[i.x], dvalue[i.y], dvalue[i.z], dvalue[i.w]);
      @if(packed) part += mat4x4<f32>(dkey[i.x], dkey[i.y], dkey[i.z], dkey[i.w]);
    }
    for (var r = 0u; r < count; r++) {
      @if(separate) dvalue[i[r]] = part[r];
      @if(packed) dkey[i[r]] = part[r];
    }
  }
}

/// Of the statistics of the rows of `line`: 0 the logsumexp, 1 delta.
fn statistics_of(line: vec4<u32>, which: u32) -> vec4<f32> {
  let at = 2u * line + which;
  return vec4<f32>(statistics[at.x], statistics[at.y], statistics[at.z], statistics[at.w]);
}

@compute @workgroup_size(64)
fn attention_backward_key(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  let columns = max(params.width, params.value_width);
  let place = place_of(index, params.keys, params.heads / params.groups, columns, 16u);
  if (place.entry >= params.entries) {
    return;
  }
  let keys = min(place.first + FOUR, vec4<u32>(params.keys - 1u));
  let k_at = begin(params.key, place.entry, place.head, keys);
  let v_at = begin(params.value, place.entry, place.head, keys);
  let quad = place.first / 4u;
  let c = place.column;
  // A key is seen by the rows from its own position on.
  let start = select(0u, place.first, params.causal != 0u);
  var key_sum0 = mat4x4<f32>();
  var key_sum1 = mat4x4<f32>();
  var key_sum2 = mat4x4<f32>();
  var key_sum3 = mat4x4<f32>();
  var value_sum0 = mat4x4<f32>();
  var value_sum1 = mat4x4<f32>();
  var value_sum2 = mat4x4<f32>();
  var value_sum3 = mat4x4<f32>();
  let head_end = (place.head + 1u) * params.groups;
  for (var head = place.head * params.groups; head < head_end; head++) {
    let mask_at = mask_begin(place.entry, head);
    let head_line = (place.entry * params.heads + head) * params.rows;
    for (var i = start; i < params.rows; i += 8u) {
      let low = min(i + FOUR, vec4<u32>(params.rows - 1u));
      let high = min(i + 4u + FOUR, vec4<u32>(params.rows - 1u));
      let q_low = begin(params.query, place.entry, head, low);
      let q_high = begin(params.query, place.entry, head, high);
      var s = mat4x4<f32>();
      var t = mat4x4<f32>();
      for (var d = 0u; d < params.width; d += 4u) {
        let x = transpose(key_block(k_at, d));
        s += x * query_block(q_low, d);
        t += x * query_block(q_high, d);
      }
      let y_low = begin(params.y, place.entry, head, low);
      let y_high = begin(params.y, place.entry, head, high);
      var ds = mat4x4<f32>();
      var dt = mat4x4<f32>();
      for (var d = 0u; d < params.value_width; d += 4u) {
        let x = transpose(value_block(v_at, d));
        ds += x * dy_block(y_low, d);
        dt += x * dy_block(y_high, d);
      }
      let line_low = head_line + low;
      let line_high = head_line + high;
      s = weights(scores(s, mask_at, i + FOUR, place.first), statistics_of(line_low, 0u));
      t = weights(scores(t, mask_at, i + 4u + FOUR, place.first), statistics_of(line_high, 0u));
      let f_low = factors(line_low, quad);
      let f_high = factors(line_high, quad);
      ds = transpose(dscores(s, dropped(ds, f_low), statistics_of(line_low, 1u)));
      dt = transpose(dscores(t, dropped(dt, f_high), statistics_of(line_high, 1u)));
      s = transpose(dropped(s, f_low));
      t = transpose(dropped(t, f_high));
      value_sum0 += gradients(y_low, y_high, c, s, t);
      if (BLOCKS > 1u) {
        value_sum1 += gradients(y_low, y_high, c + 4u, s, t);
      }
      if (BLOCKS > 2u) {
        value_sum2 += gradients(y_low, y_high, c + 8u, s, t);
      }
      if (BLOCKS > 3u) {
        value_sum3 += gradients(y_low, y_high, c + 12u, s, t);
      }
      key_sum0 += queries(q_low, q_high, c, ds, dt);
      if (BLOCKS > 1u) {
        key_sum1 += queries(q_low, q_high, c + 4u, ds, dt);
      }
      if (BLOCKS > 2u) {
        key_sum2 += queries(q_low, q_high, c + 8u, ds, dt);
      }
      if (BLOCKS > 3u) {
        key_sum3 += queries(q_low, q_high, c + 12u, ds, dt);
      }
    }
  }
  let count = min(params.keys - place.first, 4u);
  put_key(k_at, c, count, key_sum0);
  if (BLOCKS > 1u) {
    put_key(k_at, c + 4u, count, key_sum1);
  }
  if (BLOCKS > 2u) {
    put_key(k_at, c + 8u, count, key_sum2);
  }
  if (BLOCKS > 3u) {
    put_key(k_at, c + 12u, count, key_sum3);
  }
  put_value(v_at, c, count, value_sum0);
  if (BLOCKS > 1u) {
    put_value(v_at, c + 4u, count, value_sum1);
  }
  if (BLOCKS > 2u) {
    put_value(v_at, c + 8u, count, value_sum2);
  }
  if (BLOCKS > 3u) {
    put_value(v_at, c + 12u, count, value_sum3);
  }
}
