// Losses with one term per element, n elements, and their reduction. x is the prediction, `second` the target (the
// other score for `ranking`), `third` a weight, variance or label, `fourth` the positive weight; an operand whose step
// is 0 is one number for all elements. a is beta, delta, margin or eps; `full` adds the constant terms.
// Workgroups sum their terms into `sums`, as pairs for partials.reduce; if there is only one, it also finishes y.
// With `reduce` 0 y holds the terms.
// rounds: n / threads + 17
// variants: mse l1 smoothL1 huber bce bceLogits klDiv klDivLog poisson poissonLog gaussian softMargin hinge ranking
import package::lib::activation::{relu, softplus_unit};
import package::lib::float::{exp_nan, max_nan};
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum2;
import package::lib::loss::finish;
import package::lib::math::log_precise;

struct Params {
  n: u32, reduce: u32, scale: f32, second_step: u32,
  @if(bce || bceLogits || gaussian || ranking) third_step: u32,
  @if(bceLogits) fourth_step: u32,
  @if(smoothL1 || huber || poisson || gaussian || hinge || ranking) a: f32,
  @if(poisson || poissonLog || gaussian) full: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> second: array<f32>;
@if(bce || bceLogits || gaussian || ranking) @group(0) @binding(3) var<storage, read> third: array<f32>;
@if(bceLogits) @group(0) @binding(4) var<storage, read> fourth: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> sums: array<vec2<f32>>;

@if(mse) fn term(v: f32, t: f32, i: u32) -> f32 { return (v - t) * (v - t); }
@if(l1) fn term(v: f32, t: f32, i: u32) -> f32 { return abs(v - t); }
@if(smoothL1) fn term(v: f32, t: f32, i: u32) -> f32 {
  let d = abs(v - t);
  if (d < params.a) {
    return 0.5 * d * d / params.a;
  }
  return d - 0.5 * params.a;
}
@if(huber) fn term(v: f32, t: f32, i: u32) -> f32 {
  let d = abs(v - t);
  return select(params.a * (d - 0.5 * params.a), 0.5 * d * d, d <= params.a);
}
@if(bce) fn term(v: f32, t: f32, i: u32) -> f32 {
  let cost = t * max_nan(log_precise(v), -100.0) + (1.0 - t) * max_nan(log_precise(1.0 - v), -100.0);
  return -third[i * params.third_step] * cost;
}
@if(bceLogits) fn term(v: f32, t: f32, i: u32) -> f32 {
  let positive = fourth[i * params.fourth_step] * t * softplus_unit(-v);
  return third[i * params.third_step] * (positive + (1.0 - t) * softplus_unit(v));
}
@if(klDiv) fn term(v: f32, t: f32, i: u32) -> f32 {
  return select(t * log_precise(t), 0.0, t == 0.0) - t * v;
}
// A log probability of -Infinity costs nothing.
@if(klDivLog) fn term(v: f32, t: f32, i: u32) -> f32 {
  let p = exp_nan(t);
  return select(p * (t - v), 0.0, p == 0.0);
}
@if(poisson || poissonLog) fn stirling(t: f32) -> f32 {
  return select(0.0, t * log_precise(t) - t + 0.5 * log_precise(6.283185307179586 * t), params.full != 0u && t > 1.0);
}
@if(poisson) fn term(v: f32, t: f32, i: u32) -> f32 { return v - t * log_precise(v + params.a) + stirling(t); }
@if(poissonLog) fn term(v: f32, t: f32, i: u32) -> f32 { return exp_nan(v) - t * v + stirling(t); }
@if(gaussian) fn term(v: f32, t: f32, i: u32) -> f32 {
  let variance = max_nan(third[i * params.third_step], params.a);
  let constant = select(0.0, 0.9189385332046727, params.full != 0u);
  return 0.5 * (log_precise(variance) + (v - t) * (v - t) / variance) + constant;
}
@if(softMargin) fn term(v: f32, t: f32, i: u32) -> f32 { return softplus_unit(-t * v); }
@if(hinge) fn term(v: f32, t: f32, i: u32) -> f32 {
  return select(0.0, relu(params.a - v), t != 1.0) + select(0.0, v, t != -1.0);
}
@if(ranking) fn term(v: f32, t: f32, i: u32) -> f32 {
  return relu(params.a - third[i * params.third_step] * (v - t));
}

@compute @workgroup_size(64)
fn element_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups);
  let count = groups.x * groups.y;
  var sum = 0.0;
  for (var i = index * 64u + local; i < params.n; i += count * 64u) {
    let value = term(x[i], second[i * params.second_step], i);
    sum += value;
    if (params.reduce == 0u) {
      y[i] = value;
    }
  }
  if (params.reduce == 0u) {
    return;
  }
  let total = group_sum2(vec2<f32>(sum, 0.0), local);
  if (local == 0u) {
    sums[index] = total;
    if (count == 1u) {
      y[0] = finish(total, 0u, params.scale);
    }
  }
}
