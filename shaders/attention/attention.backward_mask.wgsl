// Gradient of attention with respect to an additive mask: dmask[e] is the sum of dscore (attention.backward_query.wgsl)
// over the batch entries, rows and keys for which element e counts. mask_rows and mask_keys are the mask's own sizes,
// 1 where it is broadcast. One thread per element of the mask.
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
  accumulate: u32,
  mask_size: u32,
  mask_rows: u32,
  mask_keys: u32,
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
@group(0) @binding(7) var<storage, read_write> dmask: array<f32>;
@group(0) @binding(8) var<uniform> step: Step;

/// dscore of one row and key under a value of the mask.
fn dscore(batch: u32, row: u32, j: u32, addend: f32) -> f32 {
  let line = batch * params.rows + row;
  let kv = batch / params.groups * params.keys + j;
  var product = 0.0;
  for (var d = 0u; d < params.width; d++) {
    product += query[line * params.width + d] * key[kv * params.width + d];
  }
  let later = params.causal != 0u && j > row;
  let score = masked(vec4<f32>(product * params.scale), vec4<f32>(addend), params.mask_kind, vec4<bool>(later));
  let p = weight(score, vec4<f32>(statistics[2u * line])).x;
  var dp = 0.0;
  for (var d = 0u; d < params.value_width; d++) {
    dp += dy[line * params.value_width + d] * value[kv * params.value_width + d];
  }
  if (params.threshold != 0u) {
    let seed = vec2<u32>(step.seed_lo, step.seed_hi);
    let node = params.node;
    dp *= dropout_factors(seed, j / 4u, line, step.index, node, params.threshold, params.keep_scale)[j % 4u];
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
  if (index >= params.mask_size) {
    return;
  }
  let addend = mask[index];
  let j = index % params.mask_keys;
  let i = index / params.mask_keys % params.mask_rows;
  let mask_at = index - i * params.mask_keys - j;
  let row_end = select(i + 1u, params.rows, params.mask_row == 0u);
  let key_end = select(j + 1u, params.keys, params.mask_key == 0u);
  var sum = 0.0;
  for (var batch = 0u; batch < params.batches; batch++) {
    if (offset4(batch, params.mask_shape, params.mask_strides) != mask_at) {
      continue;
    }
    for (var row = i; row < row_end; row++) {
      for (var at = j; at < key_end; at++) {
        sum += dscore(batch, row, at, addend);
      }
    }
  }
  if (params.accumulate != 0u) {
    dmask[index] += sum;
  } else {
    dmask[index] = sum;
  }
}
