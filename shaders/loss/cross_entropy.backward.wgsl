// Gradients of the cross-entropy, element by element of [batch, classes, inner], from what the forward kept per row:
// (max, log_sum, sum(w q), row weight). With g the gradient of the row's loss (divided as the reduction says)
//   logits: dx[c] = (softmax(x)[c] sum(w q) - w[c] q[c]) g
//   soft:   dtarget[c] = (1 - smoothing) w[c] (max + log_sum - x[c]) g
// variants: logits soft
import package::lib::float::{exp_nan, sub_nan};
import package::lib::grid::workgroup_index;

// Compile-time constants: as in the forward kernel, whether the mean is weighted, and whether the gradient is added
// to what is there.
@if(logits) const NORMALIZE = 1u;
@if(logits) const PROBABILITIES = 0u;
const HAS_WEIGHT = 0u;
const REDUCE = 1u;
const WEIGHTED = 0u;
const ACCUMULATE = 0u;

struct Params {
  n: u32, classes: u32, inner: u32, scale: f32, smoothing: f32,
  @if(logits) ignore_index: i32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@if(logits) @group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> rows: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> total: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> dy: array<f32>;
@group(0) @binding(7) var<storage, read_write> gradient: array<f32>;

@if(logits) fn element(i: u32, row: u32, c: u32, w: f32) -> f32 {
  let kept = rows[row];
  var q = params.smoothing / f32(params.classes);
  if (PROBABILITIES == 1u) {
    q += (1.0 - params.smoothing) * bitcast<f32>(labels[i]);
  } else {
    let label = bitcast<i32>(labels[row]);
    if (label == params.ignore_index) {
      return 0.0;
    }
    q += select(0.0, 1.0 - params.smoothing, label == i32(c));
  }
  if (NORMALIZE == 0u) {
    return -w * q;
  }
  return exp_nan(sub_nan(x[i], kept.x) - kept.y) * kept.z - w * q;
}

@if(soft) fn element(i: u32, row: u32, c: u32, w: f32) -> f32 {
  let kept = rows[row];
  return (1.0 - params.smoothing) * w * (sub_nan(kept.x, x[i]) + kept.y);
}

@compute @workgroup_size(64)
fn cross_entropy_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  let line = i / params.inner;
  let batch = line / params.classes;
  let c = line - batch * params.classes;
  let row = batch * params.inner + i - line * params.inner;
  var w = 1.0;
  if (HAS_WEIGHT == 1u) {
    w = weight[c];
  }
  var value = element(i, row, c, w);
  // An ignored row stays 0 even when nothing is left to divide by.
  if (value != 0.0) {
    let g = dy[select(0u, row, REDUCE == 0u)];
    if (WEIGHTED == 1u) {
      value *= g / total[0].y;
    } else {
      value *= g * params.scale;
    }
  }
  if (ACCUMULATE == 1u) {
    gradient[i] += value;
  } else {
    gradient[i] = value;
  }
}
