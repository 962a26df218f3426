// y = f(x, other) with broadcasting; every function is a variant. y has n elements, row-major over `rank` dimensions.
// dims[d], innermost first, is (size, stride of x, stride of other, 0), with stride 0 where an operand is broadcast.
// Dimensions that both operands walk alike are merged by the host, so that equal shapes have rank 1.
// rounds: 40 * ceil(n / threads) + 1
// variants: add mul div divFloor divTrunc pow minimum maximum atan2 hypot fmod remainder eq ne lt le gt ge logicalAnd logicalOr logicalXor
import package::lib::division::{divide_precise, floor_divide_precise, fmod_precise, remainder_precise};
import package::lib::float::{is_inf, is_nan, max_nan, min_nan, nan};
import package::lib::grid::workgroup_range;
import package::lib::math::{atan2_precise, hypot_precise, pow_precise};
import package::lib::strided::{strided3, strided8};

struct Params {
  n: u32,
  rank: u32,
  @if(add) alpha: f32,
  dims: array<vec4<u32>, 8>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> other: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@if(add) fn combine(a: f32, b: f32) -> f32 { return a + params.alpha * b; }
@if(mul) fn combine(a: f32, b: f32) -> f32 { return a * b; }
@if(div) fn combine(a: f32, b: f32) -> f32 { return a / b; }
@if(divTrunc) fn combine(a: f32, b: f32) -> f32 { return trunc(divide_precise(a, b)); }
@if(divFloor) fn combine(a: f32, b: f32) -> f32 { return floor_divide_precise(a, b); }
@if(pow) fn combine(a: f32, b: f32) -> f32 { return pow_precise(a, b); }
@if(minimum) fn combine(a: f32, b: f32) -> f32 { return min_nan(a, b); }
@if(maximum) fn combine(a: f32, b: f32) -> f32 { return max_nan(a, b); }
@if(atan2) fn combine(a: f32, b: f32) -> f32 { return atan2_precise(a, b); }
@if(hypot) fn combine(a: f32, b: f32) -> f32 { return hypot_precise(a, b); }
@if(fmod) fn combine(a: f32, b: f32) -> f32 { return fmod_precise(a, b); }
@if(remainder) fn combine(a: f32, b: f32) -> f32 { return remainder_precise(a, b); }
@if(eq) fn combine(a: f32, b: f32) -> f32 { return f32(a == b && !is_nan(a) && !is_nan(b)); }
@if(ne) fn combine(a: f32, b: f32) -> f32 { return f32(a != b || is_nan(a) || is_nan(b)); }
@if(lt) fn combine(a: f32, b: f32) -> f32 { return f32(a < b && !is_nan(a) && !is_nan(b)); }
@if(le) fn combine(a: f32, b: f32) -> f32 { return f32(a <= b && !is_nan(a) && !is_nan(b)); }
@if(gt) fn combine(a: f32, b: f32) -> f32 { return f32(a > b && !is_nan(a) && !is_nan(b)); }
@if(ge) fn combine(a: f32, b: f32) -> f32 { return f32(a >= b && !is_nan(a) && !is_nan(b)); }

// NaN counts as true.
@if(logicalAnd || logicalOr || logicalXor) fn truth(a: f32) -> bool { return (bitcast<u32>(a) & 0x7fffffffu) != 0u; }
@if(logicalAnd) fn combine(a: f32, b: f32) -> f32 { return f32(truth(a) && truth(b)); }
@if(logicalOr) fn combine(a: f32, b: f32) -> f32 { return f32(truth(a) || truth(b)); }
@if(logicalXor) fn combine(a: f32, b: f32) -> f32 { return f32(truth(a) != truth(b)); }

/// The operands of element i among more than three dimensions.
fn far(i: u32) -> vec3<u32> {
  return strided8(
    i, params.dims[0], params.dims[1], params.dims[2], params.dims[3],
    params.dims[4], params.dims[5], params.dims[6], params.dims[7],
  );
}

/// One element; `at` are the positions in x and other.
fn element(i: u32, at: vec2<u32>) {
  y[i] = combine(x[at.x], other[at.y]);
}

@compute @workgroup_size(64)
fn binary_forward(
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
