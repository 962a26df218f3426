// The gradient of f(x, other) with respect to one operand before it is summed to the operand's shape:
// dv = df/dv(x, other) dy. dv and dy have n elements; dims is as in binary.forward.wgsl. mul, maximum and minimum
// serve both operands: for the second one the host exchanges them.
// variants: mul divX divOther powX powOther minimum maximum atan2X atan2Other fmodOther remainderOther
import package::lib::grid::workgroup_index;
import package::lib::math::{fmod_precise, log_precise, pow_precise};

struct Params {
  n: u32,
  rank: u32,
  accumulate: u32,
  dims: array<vec4<u32>, 8>,
}

@group(0) @binding(0) var<uniform> params: Params;
@if(!mul && !divX) @group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> other: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dv: array<f32>;

@if(mul) fn gradient(d: f32, b: f32) -> f32 { return d * b; }
@if(divX) fn gradient(d: f32, b: f32) -> f32 { return d / b; }
@if(divOther) fn gradient(d: f32, a: f32, b: f32) -> f32 { return -d * (a / b) / b; }
@if(powX) fn gradient(d: f32, a: f32, b: f32) -> f32 {
  return select(d * b * pow_precise(a, b - 1.0), 0.0, b == 0.0);
}
@if(powOther) fn gradient(d: f32, a: f32, b: f32) -> f32 {
  return select(d * pow_precise(a, b) * log_precise(a), 0.0, a == 0.0 && b >= 0.0);
}
@if(minimum) fn gradient(d: f32, a: f32, b: f32) -> f32 { return select(select(0.0, d, a < b), 0.5 * d, a == b); }
@if(maximum) fn gradient(d: f32, a: f32, b: f32) -> f32 { return select(select(d, 0.0, a < b), 0.5 * d, a == b); }
@if(atan2X) fn gradient(d: f32, a: f32, b: f32) -> f32 { return d * b / (a * a + b * b); }
@if(atan2Other) fn gradient(d: f32, a: f32, b: f32) -> f32 { return -d * a / (a * a + b * b); }
@if(fmodOther) fn gradient(d: f32, a: f32, b: f32) -> f32 { return -d * round((a - fmod_precise(a, b)) / b); }
@if(remainderOther) fn gradient(d: f32, a: f32, b: f32) -> f32 {
  let rest = fmod_precise(a, b);
  let below = rest != 0.0 && (rest < 0.0) != (b < 0.0);
  return -d * (round((a - rest) / b) - f32(below));
}

@compute @workgroup_size(64)
fn binary_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  var rest = i;
  var at = vec2<u32>(0u);
  for (var d = params.rank - 1u; d > 0u; d--) {
    let dim = params.dims[d];
    at += rest % dim.x * dim.yz;
    rest = rest / dim.x;
  }
  at += rest * params.dims[0].yz;
  @if(mul || divX) let value = gradient(dy[i], other[at.y]);
  @if(!mul && !divX) let value = gradient(dy[i], x[at.x], other[at.y]);
  if (params.accumulate != 0u) {
    dv[i] += value;
  } else {
    dv[i] = value;
  }
}
