// Gradients of the losses with one term per element; operands as in element.forward. `operand` says whose gradient:
// 0 of x, 1 of `second`, 2 of `third`. dy is one number when the loss was reduced; scale is what its sum was times.
// variants: mse l1 smoothL1 huber bce bceLogits klDiv klDivLog poisson poissonLog gaussian softMargin hinge ranking
import package::lib::activation::{clip, softplus_unit};
import package::lib::float::{exp_nan, is_nan, max_nan, sign_nan};
import package::lib::grid::workgroup_index;
import package::lib::math::{log_precise, sigmoid};

struct Params {
  n: u32, reduce: u32, scale: f32, accumulate: u32, operand: u32, second_step: u32,
  @if(bce || bceLogits || gaussian || ranking) third_step: u32,
  @if(bceLogits) fourth_step: u32,
  @if(smoothL1 || huber || poisson || gaussian || hinge || ranking) a: f32,
  @if(poisson || poissonLog) full: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> second: array<f32>;
@if(bce || bceLogits || gaussian || ranking) @group(0) @binding(3) var<storage, read> third: array<f32>;
@if(bceLogits) @group(0) @binding(4) var<storage, read> fourth: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>;

/// Of a function of x - target: the target's gradient is the opposite of x's.
fn opposite(d: f32) -> vec3<f32> {
  return vec3<f32>(d, -d, 0.0);
}

@if(mse) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> { return opposite(2.0 * (v - t)); }
@if(l1) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> { return opposite(sign(v - t)); }
@if(smoothL1) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> {
  if (abs(v - t) < params.a) {
    return opposite((v - t) / params.a);
  }
  return opposite(sign_nan(v - t));
}
@if(huber) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> { return opposite(clip(v - t, -params.a, params.a)); }
@if(bce) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> {
  return vec3<f32>(third[i * params.third_step] * (v - t) / max_nan((1.0 - v) * v, 1e-12), 0.0, 0.0);
}
@if(bceLogits) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> {
  let w = third[i * params.third_step];
  let p = fourth[i * params.fourth_step];
  let dv = (1.0 - t) * sigmoid(v) - p * t * sigmoid(-v);
  return w * vec3<f32>(dv, p * softplus_unit(-v) - softplus_unit(v), 0.0);
}
@if(klDiv) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> { return vec3<f32>(-t, log_precise(t) + 1.0 - v, 0.0); }
@if(klDivLog) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> {
  let p = exp_nan(t);
  return vec3<f32>(-p, select(p * (t - v + 1.0), 0.0, p == 0.0), 0.0);
}
@if(poisson || poissonLog) fn stirling(t: f32) -> f32 {
  return select(0.0, log_precise(t) + 0.5 / t, params.full != 0u && (t > 1.0 || is_nan(t)));
}
@if(poisson) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> {
  return vec3<f32>(1.0 - t / (v + params.a), stirling(t) - log_precise(v + params.a), 0.0);
}
@if(poissonLog) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> {
  return vec3<f32>(exp_nan(v) - t, stirling(t) - v, 0.0);
}
// As in PyTorch, a variance below eps gets the gradient of eps.
@if(gaussian) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> {
  let variance = max_nan(third[i * params.third_step], params.a);
  let d = (v - t) / variance;
  return vec3<f32>(d, -d, 0.5 * (1.0 / variance - d * d));
}
@if(softMargin) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> {
  return vec3<f32>(-t * sigmoid(-t * v), 0.0, 0.0);
}
@if(hinge) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> {
  let pushed = t != 1.0 && v <= params.a;
  return vec3<f32>(select(0.0, 1.0, t != -1.0) - select(0.0, 1.0, pushed), 0.0, 0.0);
}
@if(ranking) fn derivatives(v: f32, t: f32, i: u32) -> vec3<f32> {
  let label = third[i * params.third_step];
  let left = params.a - label * (v - t);
  return opposite(select(0.0, -label, left >= 0.0 || is_nan(left)));
}

@compute @workgroup_size(64)
fn element_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  let g = dy[select(0u, i, params.reduce == 0u)] * params.scale;
  let value = derivatives(x[i], second[i * params.second_step], i)[params.operand] * g;
  if (params.accumulate != 0u) {
    gradient[i] += value;
  } else {
    gradient[i] = value;
  }
}
