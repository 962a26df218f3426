// dx = f'(x) dy, element by element, n elements; every activation is a variant. `value` is x, or y for relu, sigmoid
// and tanh, whose derivatives are simpler in y. a and b are the op's attributes.
// rounds: ceil(n / threads) + 1
// variants: relu leakyRelu elu selu celu gelu geluTanh silu mish softplus softsign hardsigmoid hardswish hardtanh sigmoid tanh logsigmoid tanhshrink softshrink hardshrink threshold
import package::lib::activation::{gelu_erf_derivative, gelu_tanh_derivative, mish_derivative, silu_derivative, SELU_ALPHA, SELU_SCALE};
import package::lib::float::{exp_nan, is_nan};
import package::lib::grid::workgroup_range;
import package::lib::math::{sigmoid, tanh_precise};

struct Params {
  n: u32,
  accumulate: u32,
  @if(leakyRelu || elu || celu || softplus || hardsigmoid || hardtanh || softshrink || hardshrink || threshold) a: f32,
  @if(softplus || hardsigmoid || hardtanh) b: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> value: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@if(relu) fn gradient(v: f32, d: f32) -> f32 { return select(0.0, d, v > 0.0 || is_nan(v)); }
@if(leakyRelu) fn gradient(v: f32, d: f32) -> f32 { return select(params.a * d, d, v > 0.0); }
@if(elu) fn gradient(v: f32, d: f32) -> f32 { return select(params.a * exp_nan(v) * d, d, v > 0.0); }
@if(selu) fn gradient(v: f32, d: f32) -> f32 {
  return SELU_SCALE * select(SELU_ALPHA * exp_nan(v) * d, d, v > 0.0);
}
@if(celu) fn gradient(v: f32, d: f32) -> f32 { return select(exp_nan(v / params.a) * d, d, v > 0.0); }
@if(gelu) fn gradient(v: f32, d: f32) -> f32 { return gelu_erf_derivative(v) * d; }
@if(geluTanh) fn gradient(v: f32, d: f32) -> f32 { return gelu_tanh_derivative(v) * d; }
@if(silu) fn gradient(v: f32, d: f32) -> f32 { return silu_derivative(v) * d; }
@if(mish) fn gradient(v: f32, d: f32) -> f32 { return mish_derivative(v) * d; }
@if(softplus) fn gradient(v: f32, d: f32) -> f32 {
  let z = params.a * v;
  return select(sigmoid(z) * d, d, z > params.b);
}
@if(softsign) fn gradient(v: f32, d: f32) -> f32 {
  let r = 1.0 / (1.0 + abs(v));
  return r * r * d;
}
@if(hardsigmoid) fn gradient(v: f32, d: f32) -> f32 {
  let z = params.a * v + params.b;
  return select(0.0, params.a * d, z > 0.0 && z < 1.0);
}
@if(hardswish) fn gradient(v: f32, d: f32) -> f32 {
  let below = select(v / 3.0 + 0.5, 1.0, v > 3.0);
  return select(d * below, 0.0, v < -3.0);
}
@if(hardtanh) fn gradient(v: f32, d: f32) -> f32 { return select(d, 0.0, v <= params.a || v >= params.b); }
@if(sigmoid) fn gradient(v: f32, d: f32) -> f32 { return v * (1.0 - v) * d; }
@if(tanh) fn gradient(v: f32, d: f32) -> f32 { return (1.0 - v * v) * d; }
@if(logsigmoid) fn gradient(v: f32, d: f32) -> f32 { return sigmoid(-v) * d; }
@if(tanhshrink) fn gradient(v: f32, d: f32) -> f32 {
  let t = tanh_precise(v);
  return t * t * d;
}
@if(softshrink || hardshrink) fn gradient(v: f32, d: f32) -> f32 {
  return select(d, 0.0, v >= -params.a && v <= params.a);
}
@if(threshold) fn gradient(v: f32, d: f32) -> f32 { return select(d, 0.0, v <= params.a); }

@compute @workgroup_size(64)
fn activation_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let result = gradient(value[i], dy[i]);
    if (params.accumulate != 0u) {
      dx[i] += result;
    } else {
      dx[i] = result;
    }
  }
}
