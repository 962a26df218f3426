// y = f(x), element by element, n elements; every activation is a variant. a and b are the op's attributes.
// rounds: ceil(n / threads) + 1
// variants: relu leakyRelu elu selu celu gelu geluTanh silu mish softplus softsign hardsigmoid hardswish hardtanh sigmoid tanh logsigmoid tanhshrink softshrink hardshrink threshold
import package::lib::activation::{clip, elu_scaled, gelu_erf, gelu_tanh, mish_gate, relu, silu, softplus_unit, SELU_ALPHA, SELU_SCALE};
import package::lib::grid::workgroup_range;
import package::lib::math::{log1p, sigmoid, tanh_precise, tanh_rest};

struct Params {
  n: u32,
  @if(leakyRelu || elu || celu || softplus || hardsigmoid || hardtanh || softshrink || hardshrink || threshold) a: f32,
  @if(softplus || hardsigmoid || hardtanh || threshold) b: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@if(relu) fn activate(v: f32) -> f32 { return relu(v); }
@if(leakyRelu) fn activate(v: f32) -> f32 { return select(v * params.a, v, v > 0.0); }
@if(elu) fn activate(v: f32) -> f32 { return elu_scaled(v, params.a, 1.0); }
@if(selu) fn activate(v: f32) -> f32 { return SELU_SCALE * elu_scaled(v, SELU_ALPHA, 1.0); }
@if(celu) fn activate(v: f32) -> f32 { return elu_scaled(v, params.a, params.a); }
@if(gelu) fn activate(v: f32) -> f32 { return gelu_erf(v); }
@if(geluTanh) fn activate(v: f32) -> f32 { return gelu_tanh(v); }
@if(silu) fn activate(v: f32) -> f32 { return silu(v); }
@if(mish) fn activate(v: f32) -> f32 { return v * mish_gate(v); }
@if(softplus) fn activate(v: f32) -> f32 {
  return select(softplus_unit(params.a * v) / params.a, v, params.a * v > params.b);
}
@if(softsign) fn activate(v: f32) -> f32 { return v / (1.0 + abs(v)); }
@if(hardsigmoid) fn activate(v: f32) -> f32 { return clip(params.a * v + params.b, 0.0, 1.0); }
@if(hardswish) fn activate(v: f32) -> f32 { return v * clip(v + 3.0, 0.0, 6.0) / 6.0; }
@if(hardtanh) fn activate(v: f32) -> f32 { return clip(v, params.a, params.b); }
@if(sigmoid) fn activate(v: f32) -> f32 { return sigmoid(v); }
@if(tanh) fn activate(v: f32) -> f32 { return tanh_precise(v); }
@if(logsigmoid) fn activate(v: f32) -> f32 { return -softplus_unit(-v); }
@if(tanhshrink) fn activate(v: f32) -> f32 { return tanh_rest(v); }
@if(softshrink) fn activate(v: f32) -> f32 {
  let below = select(v * 0.0, v + params.a, v < -params.a);
  return select(below, v - params.a, v > params.a);
}
@if(hardshrink) fn activate(v: f32) -> f32 { return select(v, 0.0, v >= -params.a && v <= params.a); }
@if(threshold) fn activate(v: f32) -> f32 { return select(v, params.b, v <= params.a); }

@compute @workgroup_size(64)
fn activation_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    y[i] = activate(x[i]);
  }
}
