// Scaled dot product attention with an online softmax, so that no matrix of queries x keys is ever stored:
//   score[i, j] = scale <query_i, key_j> + mask[i, j]   y_i = sum_j exp(score[i, j] - logsumexp_i) value_j
// query [batches, rows, width], key [batches / groups, keys, width], value [batches / groups, keys, value_width],
// y [batches, rows, value_width]; the mask is broadcast by strides. Saved for the backward pass: logsumexp
// [batches, rows], EMPTY for a row that sees no key, whose y is 0. One thread per four rows, over tiles of eight
// keys; y itself holds the running sums, so that any head size works. Source: Dao et al., "FlashAttention", 2022.
import package::lib::attention::{EMPTY, HIDDEN, dropout_factors, masked, weight};
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
  mask_shape: vec4<u32>,
  mask_strides: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> query: array<f32>;
@group(0) @binding(2) var<storage, read> key: array<f32>;
@group(0) @binding(3) var<storage, read> value: array<f32>;
@group(0) @binding(4) var<storage, read> mask: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> logsumexp: array<f32>;
@group(0) @binding(7) var<uniform> step: Step;

/// The scores of one key for four rows, from the products with it.
fn score(product: vec4<f32>, mask_at: u32, row: vec4<u32>, key: u32) -> vec4<f32> {
  var values = vec4<f32>();
  if (params.mask_kind != 0u) {
    let at = mask_at + row * params.mask_row + min(key, params.keys - 1u) * params.mask_key;
    values = vec4<f32>(mask[at.x], mask[at.y], mask[at.z], mask[at.w]);
  }
  let own = vec4<u32>(key);
  let later = own > row;
  let outside = key >= params.keys;
  let causal = params.causal != 0u;
  let beyond = vec4<bool>(outside) | (later & vec4<bool>(causal));
  return masked(product * params.scale, values, params.mask_kind, beyond);
}

fn scores(products: mat4x4<f32>, mask_at: u32, row: vec4<u32>, key: u32) -> mat4x4<f32> {
  return mat4x4<f32>(
    score(products[0], mask_at, row, key),
    score(products[1], mask_at, row, key + 1u),
    score(products[2], mask_at, row, key + 2u),
    score(products[3], mask_at, row, key + 3u),
  );
}

fn weights(s: mat4x4<f32>, shift: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(weight(s[0], shift), weight(s[1], shift), weight(s[2], shift), weight(s[3], shift));
}

/// Factors of dropout for four rows (of all batch entries) and four keys.
fn factors(row: vec4<u32>, key: u32) -> mat4x4<f32> {
  var result: mat4x4<f32>;
  for (var i = 0u; i < 4u; i++) {
    let seed = vec2<u32>(step.seed_lo, step.seed_hi);
    let quad = key / 4u;
    result[i] = dropout_factors(seed, quad, row[i], step.index, params.node, params.threshold, params.keep_scale);
  }
  return transpose(result);
}

fn times(a: mat4x4<f32>, b: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3]);
}

fn largest_of(s: mat4x4<f32>) -> vec4<f32> {
  return max(max(s[0], s[1]), max(s[2], s[3]));
}

fn sum_of(s: mat4x4<f32>) -> vec4<f32> {
  return (s[0] + s[1]) + (s[2] + s[3]);
}

@compute @workgroup_size(64)
fn attention_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  let quads = (params.rows + 3u) / 4u;
  let batch = index / quads;
  let first = index % quads * 4u;
  if (batch >= params.batches) {
    return;
  }
  let row = min(first + FOUR, vec4<u32>(params.rows - 1u));
  let line = batch * params.rows + row;
  let q_at = line * params.width;
  let mask_at = offset4(batch, params.mask_shape, params.mask_strides);
  let kv = batch / params.groups * params.keys;
  var limit = params.keys;
  if (params.causal != 0u) {
    limit = min(limit, first + 4u);
  }
  let y_at = line * params.value_width;
  var largest = vec4<f32>(HIDDEN);
  var total = vec4<f32>();
  for (var j = 0u; j < limit; j += 8u) {
    let low = kv + min(j + FOUR, vec4<u32>(params.keys - 1u));
    let high = kv + min(j + 4u + FOUR, vec4<u32>(params.keys - 1u));
    let k_low = low * params.width;
    let k_high = high * params.width;
    var s = mat4x4<f32>();
    var t = mat4x4<f32>();
    for (var d = 0u; d < params.width; d++) {
      let x = vec4<f32>(query[q_at.x + d], query[q_at.y + d], query[q_at.z + d], query[q_at.w + d]);
      s[0] += x * key[k_low.x + d];
      s[1] += x * key[k_low.y + d];
      s[2] += x * key[k_low.z + d];
      s[3] += x * key[k_low.w + d];
      t[0] += x * key[k_high.x + d];
      t[1] += x * key[k_high.y + d];
      t[2] += x * key[k_high.z + d];
      t[3] += x * key[k_high.w + d];
    }
    s = scores(s, mask_at, row, j);
    t = scores(t, mask_at, row, j + 4u);
    let before = largest;
    largest = max(largest, max(largest_of(s), largest_of(t)));
    let shrink = exp(before - largest);
    s = weights(s, largest);
    t = weights(t, largest);
    total = total * shrink + (sum_of(s) + sum_of(t));
    if (params.threshold != 0u) {
      s = times(s, factors(line, j));
      t = times(t, factors(line, j + 4u));
    }
    let v_low = low * params.value_width;
    let v_high = high * params.value_width;
    for (var d = 0u; d < params.value_width; d++) {
      var sum = vec4<f32>();
      if (j > 0u) {
        sum = shrink * vec4<f32>(y[y_at.x + d], y[y_at.y + d], y[y_at.z + d], y[y_at.w + d]);
      }
      sum += s[0] * value[v_low.x + d] + s[1] * value[v_low.y + d];
      sum += s[2] * value[v_low.z + d] + s[3] * value[v_low.w + d];
      sum += t[0] * value[v_high.x + d] + t[1] * value[v_high.y + d];
      sum += t[2] * value[v_high.z + d] + t[3] * value[v_high.w + d];
      y[y_at.x + d] = sum.x;
      y[y_at.y + d] = sum.y;
      y[y_at.z + d] = sum.z;
      y[y_at.w + d] = sum.w;
    }
  }
  let empty = total == vec4<f32>();
  let inverse = select(1.0 / total, vec4<f32>(), empty);
  for (var d = 0u; d < params.value_width; d++) {
    var sum = vec4<f32>();
    if (limit > 0u) {
      sum = inverse * vec4<f32>(y[y_at.x + d], y[y_at.y + d], y[y_at.z + d], y[y_at.w + d]);
    }
    y[y_at.x + d] = sum.x;
    y[y_at.y + d] = sum.y;
    y[y_at.z + d] = sum.z;
    y[y_at.w + d] = sum.w;
  }
  let sums = select(largest + log(total), vec4<f32>(EMPTY), empty);
  logsumexp[line.x] = sums.x;
  logsumexp[line.y] = sums.y;
  logsumexp[line.z] = sums.z;
  logsumexp[line.w] = sums.w;
}
