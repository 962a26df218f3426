// dx = f'(x) dy, element by element, n elements; every function is a variant. `value` is x, or y where the derivative
// is simpler in y (exp, exp2, erfinv, expm1, sqrt, rsqrt, reciprocal, tan). low and high are the bounds of clamp.
// rounds: 8 * ceil(n / threads) + 1
// variants: abs exp log log1p expm1 log2 sqrt rsqrt square reciprocal sin cos tan asin acos atan sinh cosh asinh acosh exp2 erf erfc erfinv lgamma digamma i0 i1 clamp
import package::lib::bessel::{i0_precise, i1_precise, i1_over_x};
import package::lib::float::exp_nan;
import package::lib::grid::workgroup_range;
import package::lib::math::{cosh_precise, LN_2, sinh_precise, sqrt_nan};
import package::lib::special::{digamma_precise, trigamma_precise};
import package::lib::trigonometry::{cos_precise, sin_precise};

struct Params {
  n: u32,
  accumulate: u32,
  @if(clamp) low: f32,
  @if(clamp) high: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> value: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@if(abs) fn gradient(v: f32, d: f32) -> f32 { return sign(v) * d; }
@if(exp) fn gradient(v: f32, d: f32) -> f32 { return v * d; }
@if(log) fn gradient(v: f32, d: f32) -> f32 { return d / v; }
@if(log1p) fn gradient(v: f32, d: f32) -> f32 { return d / (1.0 + v); }
@if(expm1) fn gradient(v: f32, d: f32) -> f32 { return (v + 1.0) * d; }
@if(log2) fn gradient(v: f32, d: f32) -> f32 { return d / (LN_2 * v); }
@if(sqrt) fn gradient(v: f32, d: f32) -> f32 { return 0.5 * d / v; }
@if(rsqrt) fn gradient(v: f32, d: f32) -> f32 { return -0.5 * d * v * v * v; }
@if(square) fn gradient(v: f32, d: f32) -> f32 { return 2.0 * v * d; }
@if(reciprocal) fn gradient(v: f32, d: f32) -> f32 { return -v * v * d; }
@if(sin) fn gradient(v: f32, d: f32) -> f32 { return cos_precise(v) * d; }
@if(cos) fn gradient(v: f32, d: f32) -> f32 { return -sin_precise(v) * d; }
@if(tan) fn gradient(v: f32, d: f32) -> f32 { return (1.0 + v * v) * d; }
@if(asin) fn gradient(v: f32, d: f32) -> f32 { return d / sqrt_nan((1.0 - v) * (1.0 + v)); }
@if(acos) fn gradient(v: f32, d: f32) -> f32 { return -d / sqrt_nan((1.0 - v) * (1.0 + v)); }
@if(atan) fn gradient(v: f32, d: f32) -> f32 { return d / (1.0 + v * v); }
@if(sinh) fn gradient(v: f32, d: f32) -> f32 { return cosh_precise(v) * d; }
@if(cosh) fn gradient(v: f32, d: f32) -> f32 { return sinh_precise(v) * d; }
@if(asinh) fn gradient(v: f32, d: f32) -> f32 { return d / sqrt_nan(v * v + 1.0); }
@if(acosh) fn gradient(v: f32, d: f32) -> f32 { return d / sqrt_nan((v - 1.0) * (v + 1.0)); }
@if(exp2) fn gradient(v: f32, d: f32) -> f32 { return LN_2 * v * d; }
@if(erfc) fn gradient(v: f32, d: f32) -> f32 { return -1.1283791670955126 * exp_nan(-v * v) * d; }
@if(erfinv) fn gradient(v: f32, d: f32) -> f32 { return 0.886226925452758 * exp_nan(v * v) * d; }
@if(lgamma) fn gradient(v: f32, d: f32) -> f32 { return digamma_precise(v) * d; }
@if(digamma) fn gradient(v: f32, d: f32) -> f32 { return trigamma_precise(v) * d; }
@if(i0) fn gradient(v: f32, d: f32) -> f32 { return i1_precise(v) * d; }
@if(i1) fn gradient(v: f32, d: f32) -> f32 { return (i0_precise(v) - i1_over_x(v)) * d; }
@if(erf) fn gradient(v: f32, d: f32) -> f32 { return 1.1283791670955126 * exp_nan(-v * v) * d; }
@if(clamp) fn gradient(v: f32, d: f32) -> f32 { return select(0.0, d, v >= params.low && v <= params.high); }

@compute @workgroup_size(64)
fn unary_backward(
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
