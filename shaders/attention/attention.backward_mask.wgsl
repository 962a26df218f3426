// Gradient of attention with respect to an additive mask: dmask[e] is the sum of dscore (attention.backward_query.wgsl)
// over the heads, rows and keys for which element e counts. mask_rows and mask_keys are the mask's own sizes, 1 where it
// is broadcast. One thread per element of the mask.
import package::lib::attention::{
  ACCUMULATE, DROPOUT, FOUR, begin, dropout_factors, dy_block, key_block, limits_of, mask_begin, params, query_block,
  score, value_block, weight,
};
import package::lib::grid::workgroup_index;

/// Specialized: the size of the mask and of its last two dimensions.
const MASK_SIZE = 1u;
const MASK_ROWS = 1u;
const MASK_KEYS = 1u;

@group(0) @binding(7) var<storage, read> statistics: array<f32>;
@group(0) @binding(8) var<storage, read_write> dmask: array<f32>;

/// dscore of one row and key.
fn dscore(entry: u32, head: u32, mask_at: u32, row: u32, j: u32) -> f32 {
  let kv_head = head / params.groups;
  let q_at = begin(params.query, entry, head, vec4<u32>(row));
  let k_at = begin(params.key, entry, kv_head, vec4<u32>(j));
  var product = 0.0;
  for (var d = 0u; d < params.width; d += 4u) {
    product += dot(query_block(q_at, d)[0], key_block(k_at, d)[0]);
  }
  let y_at = begin(params.y, entry, head, vec4<u32>(row));
  let v_at = begin(params.value, entry, kv_head, vec4<u32>(j));
  var dp = 0.0;
  for (var d = 0u; d < params.value_width; d += 4u) {
    dp += dot(dy_block(y_at, d)[0], value_block(v_at, d)[0]);
  }
  let line = (entry * params.heads + head) * params.rows + row;
  let p = weight(score(params, vec4<f32>(product), mask_at, row, limits_of(params, vec4<u32>(row)).x, j + FOUR), statistics[2u * line]).x;
  if (DROPOUT == 1u) {
    dp *= dropout_factors(params, line, j / 4u)[j % 4u];
  }
  return p * (dp - statistics[2u * line + 1u]);
}

@compute @workgroup_size(64)
fn attention_backward_mask(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  if (index >= MASK_SIZE) {
    return;
  }
  let j = index % MASK_KEYS;
  let i = index / MASK_KEYS % MASK_ROWS;
  let own = index - i * MASK_KEYS - j;
  let row_end = select(i + 1u, params.rows, params.mask_row == 0u);
  let key_end = select(j + 1u, params.keys, params.mask_key == 0u);
  var sum = 0.0;
  for (var entry = 0u; entry < params.entries; entry++) {
    for (var head = 0u; head < params.heads; head++) {
      let mask_at = mask_begin(entry, head);
      if (mask_at != own) {
        continue;
      }
      for (var row = i; row < row_end; row++) {
        for (var at = j; at < key_end; at++) {
          sum += dscore(entry, head, mask_at, row, at);
        }
      }
    }
  }
  if (ACCUMULATE == 1u) {
    dmask[index] += sum;
  } else {
    dmask[index] = sum;
  }
}
