// The gradient of f(x, other) with respect to one operand before it is summed to the operand's shape:
// dv = df/dv(x, other) dy. dv and dy have n elements; dims is as in binary.forward.wgsl. mul, maximum and minimum
// serve both operands: for the second one the host exchanges them.
// rounds: 40 * ceil(n / threads) + 1
// variants: mul divX divOther powX powOther minimum maximum atan2X atan2Other hypot fmodOther remainderOther
import package::lib::division::{divide_precise, floor_divide_precise};
import package::lib::grid::workgroup_range;
import package::lib::math::{hypot_precise, log_precise, pow_precise};
import package::lib::strided::{strided3, strided8};

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
@if(minimum) fn gradient(d: f32, a: f32, b: f32) -> f32 { return select(select(d, 0.0, a > b), 0.5 * d, a == b); }
@if(maximum) fn gradient(d: f32, a: f32, b: f32) -> f32 { return select(select(d, 0.0, a < b), 0.5 * d, a == b); }
@if(atan2X) fn gradient(d: f32, a: f32, b: f32) -> f32 { return d * b / (a * a + b * b); }
@if(atan2Other) fn gradient(d: f32, a: f32, b: f32) -> f32 { return -d * a / (a * a + b * b); }
@if(hypot) fn gradient(d: f32, a: f32, b: f32) -> f32 { return d * (a / hypot_precise(a, b)); }
@if(fmodOther) fn gradient(d: f32, a: f32, b: f32) -> f32 { return -d * trunc(divide_precise(a, b)); }
@if(remainderOther) fn gradient(d: f32, a: f32, b: f32) -> f32 { return -d * floor_divide_precise(a, b); }

/// The operands of element i among more than three dimensions.
fn far(i: u32) -> vec3<u32> {
  return strided8(
    i, params.dims[0], params.dims[1], params.dims[2], params.dims[3],
    params.dims[4], params.dims[5], params.dims[6], params.dims[7],
  );
}

/// One element; `at` are the positions in x and other.
fn element(i: u32, at: vec2<u32>) {
  @if(mul || divX) let value = gradient(dy[i], other[at.y]);
  @if(!mul && !divX) let value = gradient(dy[i], x[at.x], other[at.y]);
  if (params.accumulate != 0u) {
    dv[i] += value;
  } else {
    dv[i] = value;
  }
}

@compute @workgroup_size(64)
fn binary_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  let d0 = params.dims[0];
  let d1 = params.dims[1];
  let d2 = params.dims[2];
  if (params.rank == 1u) {
    for (var i = range.x + local; i < range.y; i += 64u) {
      element(i, i * d0.yz);
    }
  } else if (params.rank <= 3u) {
    for (var i = range.x + local; i < range.y; i += 64u) {
      element(i, strided3(i, d0, d1, d2).xy);
    }
  } else {
    for (var i = range.x + local; i < range.y; i += 64u) {
      element(i, far(i).xy);
    }
  }
}
