// Gradients of attention with respect to keys and values. The weights p are computed again from the saved logsumexp:
//   dvalue_j = sum_i p[i, j] dy_i   dkey_j = scale sum_i dscore[i, j] query_i
// over all rows i of all heads that share the key, with p and dscore as in attention.backward_query.wgsl and dropout's
// factors on p in dvalue. Operands as in attention.forward.wgsl; dkey has the strides of key, dvalue those of value, in
// one tensor in the variant `packed`. One thread per four keys and chunk of columns, over tiles of four rows.
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
  let p = params;
  let keys = min(place.first + FOUR, vec4<u32>(p.keys - 1u));
  let k_at = begin(p.key, place.entry, place.head, keys);
  let v_at = begin(p.value, place.entry, place.head, keys);
  let quad = place.first / 4u;
  let c = place.column;
  // A key is seen by the rows from its own position on.
  let start = select(0u, place.first, p.causal != 0u);
  var key_sum0 = mat4x4<f32>();
  var key_sum1 = mat4x4<f32>();
  var key_sum2 = mat4x4<f32>();
  var key_sum3 = mat4x4<f32>();
  var value_sum0 = mat4x4<f32>();
  var value_sum1 = mat4x4<f32>();
  var value_sum2 = mat4x4<f32>();
  var value_sum3 = mat4x4<f32>();
  let head_end = (place.head + 1u) * p.groups;
  for (var head = place.head * p.groups; head < head_end; head++) {
    let mask_at = mask_begin(place.entry, head);
    let head_line = (place.entry * p.heads + head) * p.rows;
    for (var i = start; i < p.rows; i += 4u) {
      let positions = min(i + FOUR, vec4<u32>(p.rows - 1u));
      let q_at = begin(p.query, place.entry, head, positions);
      var s = mat4x4<f32>();
      for (var d = 0u; d < p.width; d += 4u) {
        s += transpose(key_block(k_at, d)) * query_block(q_at, d);
      }
      let y_at = begin(p.y, place.entry, head, positions);
      var ds = mat4x4<f32>();
      for (var d = 0u; d < p.value_width; d += 4u) {
        ds += transpose(value_block(v_at, d)) * dy_block(y_at, d);
      }
      let line = head_line + positions;
      s = weights(scores(p, s, mask_at, i + FOUR, place.first), statistics_of(line, 0u));
      let f = factors(p, line, quad);
      ds = transpose(dscores(s, dropped(ds, f), statistics_of(line, 1u)));
      s = transpose(dropped(s, f));
      value_sum0 += dy_block(y_at, c) * s;
      key_sum0 += query_block(q_at, c) * ds;
      if (BLOCKS > 1u) {
        value_sum1 += dy_block(y_at, c + 4u) * s;
        key_sum1 += query_block(q_at, c + 4u) * ds;
      }
      if (BLOCKS > 2u) {
        value_sum2 += dy_block(y_at, c + 8u) * s;
        key_sum2 += query_block(q_at, c + 8u) * ds;
      }
      if (BLOCKS > 3u) {
        value_sum3 += dy_block(y_at, c + 12u) * s;
        key_sum3 += query_block(q_at, c + 12u) * ds;
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
