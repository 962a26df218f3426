// Gradient of attention with respect to an additive mask: dmask[e] is the sum of dscore (attention.backward_query.wgsl)
// over the heads, queries and keys for which element e counts. mask_rows and mask_keys are the mask's own sizes, 1 where it
// is broadcast. PARTS threads per element of the mask, whose sums dmask [PARTS, mask] holds.
// rounds: ceil(TERMS / PARTS) * (9 + head_dim / 4 + value_dim / 4 + 12 * DROPOUT)
import package::lib::attention::{ACCUMULATE, DROPOUT, FOUR, dropout_factors, limits_of, params, score, weight};
import package::lib::attention_tile::{GRADIENT, SCORE, begin, own_block, tile_block};
import package::lib::grid::workgroup_index;

/// Compile-time constant: the size of the mask and of its last two dimensions.
const MASK_SIZE = 1u;
const MASK_ROWS = 1u;
const MASK_KEYS = 1u;
/// Compile-time constant: the terms of the sum of an element, and into how many parts it is cut.
const TERMS = 1u;
const PARTS = 1u;

@group(0) @binding(7) var<storage, read> statistics: array<f32>;
@group(0) @binding(8) var<storage, read_write> dmask: array<f32>;

/// dscore of one query and key.
fn dscore(batch: u32, head: u32, mask_at: u32, row: u32, j: u32) -> f32 {
  let kv_head = head / params.groups;
  let q_at = begin(params.query, batch, head, vec4<u32>(row));
  let k_at = begin(params.key, batch, kv_head, vec4<u32>(j));
  var product = 0.0;
  for (var d = 0u; d < params.head_dim; d += 4u) {
    product += dot(own_block(SCORE, q_at, d)[0], tile_block(SCORE, k_at, d)[0]);
  }
  let y_at = begin(params.y, batch, head, vec4<u32>(row));
  let v_at = begin(params.value, batch, kv_head, vec4<u32>(j));
  var dp = 0.0;
  for (var d = 0u; d < params.value_dim; d += 4u) {
    dp += dot(own_block(GRADIENT, y_at, d)[0], tile_block(GRADIENT, v_at, d)[0]);
  }
  let line = (batch * params.heads + head) * params.queries + row;
  let p = weight(score(params, vec4<f32>(product), mask_at, row, limits_of(params, vec4<u32>(row)).x, j + FOUR), statistics[2u * line]).x;
  if (DROPOUT == 1u) {
    dp *= dropout_factors(params, line, j / 4u)[j % 4u];
  }
  return p * (dp - statistics[2u * line + 1u]);
}

/// Of the pairs of batch element and head that read the part of the mask at offset `own`: number b.
fn pair_of(own: u32, b: u32) -> u32 {
  var rest = b;
  var pair = 0u;
  var place = 1u;
  for (var d = 0u; d < 4u; d++) {
    let size = params.mask_shape[d];
    let stride = params.mask_strides[d];
    let broadcast = stride == 0u;
    pair += place * (select(own / max(stride, 1u), rest, broadcast) % size);
    rest = select(rest, rest / size, broadcast);
    place *= size;
  }
  return pair;
}

@compute @workgroup_size(64)
fn attention_backward_mask(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  if (index >= MASK_SIZE * PARTS) {
    return;
  }
  let element = index % MASK_SIZE;
  let j = element % MASK_KEYS;
  let i = element / MASK_KEYS % MASK_ROWS;
  let own = element - i * MASK_KEYS - j;
  let row_count = select(1u, params.queries, params.mask_row == 0u);
  let key_count = select(1u, params.keys, params.mask_key == 0u);
  let share = (TERMS + PARTS - 1u) / PARTS;
  let first = min(index / MASK_SIZE * share, TERMS);
  var sum = 0.0;
  for (var n = first; n < min(first + share, TERMS); n++) {
    let row = n / key_count;
    let pair = pair_of(own, row / row_count);
    sum += dscore(pair / params.heads, pair % params.heads, own, i + row % row_count, j + n % key_count);
  }
  if (ACCUMULATE == 1u) {
    dmask[index] += sum;
  } else {
    dmask[index] = sum;
  }
}
