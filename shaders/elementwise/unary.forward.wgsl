// y = f(x), element by element, n elements; every function is a variant. low and high are the bounds of clamp.
// rounds: 8 * ceil(n / threads) + 1
// variants: neg abs exp log log1p expm1 log2 sqrt rsqrt square reciprocal sin cos tan asin acos atan sinh cosh asinh acosh exp2 erf erfc erfinv lgamma digamma i0 i1 sign floor ceil round roundTo roundUpTo trunc clamp isnan isinf signbit logicalNot nanToZero
import package::lib::float::{exp_nan, is_inf, is_nan};
import package::lib::grid::workgroup_range;
import package::lib::math::{acos_precise, asin_precise, atan_precise, cosh_precise, erf, expm1, log1p, log_precise, LN_2, rsqrt_nan, sinh_precise, sqrt_nan};
import package::lib::bessel::{i0_precise, i1_precise};
import package::lib::special::{acosh_precise, asinh_precise, digamma_precise, erfc_precise, erfinv_precise, lgamma_precise};
import package::lib::trigonometry::{cos_precise, sin_precise, tan_precise};

struct Params {
  n: u32,
  @if(roundTo || roundUpTo) ten: f32,
  @if(clamp) low: f32,
  @if(clamp) high: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@if(neg) fn evaluate(v: f32) -> f32 { return -v; }
@if(abs) fn evaluate(v: f32) -> f32 { return abs(v); }
@if(exp) fn evaluate(v: f32) -> f32 { return exp_nan(v); }
@if(log) fn evaluate(v: f32) -> f32 { return log_precise(v); }
@if(log1p) fn evaluate(v: f32) -> f32 { return log1p(v); }
@if(expm1) fn evaluate(v: f32) -> f32 { return expm1(v); }
@if(log2) fn evaluate(v: f32) -> f32 {
  // The built-in function is exact for powers of two, log_precise is good near 1 and for special values.
  return select(log_precise(v) / LN_2, log2(v), v > 1.25 && !is_inf(v));
}
@if(sqrt) fn evaluate(v: f32) -> f32 { return sqrt_nan(v); }
@if(rsqrt) fn evaluate(v: f32) -> f32 { return rsqrt_nan(v); }
@if(square) fn evaluate(v: f32) -> f32 { return v * v; }
@if(reciprocal) fn evaluate(v: f32) -> f32 { return 1.0 / v; }
@if(sin) fn evaluate(v: f32) -> f32 { return sin_precise(v); }
@if(cos) fn evaluate(v: f32) -> f32 { return cos_precise(v); }
@if(tan) fn evaluate(v: f32) -> f32 { return tan_precise(v); }
@if(asin) fn evaluate(v: f32) -> f32 { return asin_precise(v); }
@if(acos) fn evaluate(v: f32) -> f32 { return acos_precise(v); }
@if(atan) fn evaluate(v: f32) -> f32 { return atan_precise(v); }
@if(sinh) fn evaluate(v: f32) -> f32 { return sinh_precise(v); }
@if(cosh) fn evaluate(v: f32) -> f32 { return cosh_precise(v); }
@if(asinh) fn evaluate(v: f32) -> f32 { return asinh_precise(v); }
@if(acosh) fn evaluate(v: f32) -> f32 { return acosh_precise(v); }
@if(exp2) fn evaluate(v: f32) -> f32 {
  return select(select(exp2(v), select(0.0, v, v > 0.0), is_inf(v)), v, is_nan(v));
}
@if(erf) fn evaluate(v: f32) -> f32 { return erf(v); }
@if(erfc) fn evaluate(v: f32) -> f32 { return erfc_precise(v); }
@if(erfinv) fn evaluate(v: f32) -> f32 { return erfinv_precise(v); }
@if(lgamma) fn evaluate(v: f32) -> f32 { return lgamma_precise(v); }
@if(digamma) fn evaluate(v: f32) -> f32 { return digamma_precise(v); }
@if(i0) fn evaluate(v: f32) -> f32 { return i0_precise(v); }
@if(i1) fn evaluate(v: f32) -> f32 { return i1_precise(v); }
@if(signbit) fn evaluate(v: f32) -> f32 { return f32(bitcast<u32>(v) >> 31u); }
@if(sign) fn evaluate(v: f32) -> f32 { return select(f32(v > 0.0) - f32(v < 0.0), 0.0, is_nan(v)); }
@if(floor) fn evaluate(v: f32) -> f32 { return floor(v); }
@if(ceil) fn evaluate(v: f32) -> f32 { return ceil(v); }
@if(round) fn evaluate(v: f32) -> f32 { return round(v); }
@if(roundTo) fn evaluate(v: f32) -> f32 { return round(v * params.ten) / params.ten; }
@if(roundUpTo) fn evaluate(v: f32) -> f32 { return round(v / params.ten) * params.ten; }
@if(trunc) fn evaluate(v: f32) -> f32 { return trunc(v); }
@if(clamp) fn evaluate(v: f32) -> f32 { return select(min(max(v, params.low), params.high), v, is_nan(v)); }
@if(isnan) fn evaluate(v: f32) -> f32 { return f32(is_nan(v)); }
@if(nanToZero) fn evaluate(v: f32) -> f32 { return select(v, 0.0, is_nan(v)); }
@if(isinf) fn evaluate(v: f32) -> f32 { return f32(is_inf(v)); }
@if(logicalNot) fn evaluate(v: f32) -> f32 { return f32(v == 0.0 && !is_nan(v)); }

@compute @workgroup_size(64)
fn unary_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    y[i] = evaluate(x[i]);
  }
}
