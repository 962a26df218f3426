// IEEE 754 special values. WGSL lets an implementation assume that NaN and infinity never occur, and some do, so
// these functions look at the bits; use them wherever PyTorch defines what NaN and infinity give.

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

/// is_nan of four values.
fn are_nan(x: vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u);
}

fn is_inf(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u;
}

/// NaN; a variable, because constant expressions may not be NaN.
fn nan() -> f32 {
  var bits = 0x7fc00000u;
  return bitcast<f32>(bits);
}

/// Infinity; a variable, because constant expressions may not be infinite.
fn infinity() -> f32 {
  var bits = 0x7f800000u;
  return bitcast<f32>(bits);
}

/// -1, 0 or 1; NaN stays.
fn sign_nan(x: f32) -> f32 {
  return select(sign(x), x, is_nan(x));
}

/// The larger of two numbers; NaN if either is.
fn max_nan(a: f32, b: f32) -> f32 {
  return select(select(max(a, b), b, is_nan(b)), a, is_nan(a));
}

/// The smaller of two numbers; NaN if either is.
fn min_nan(a: f32, b: f32) -> f32 {
  return select(select(min(a, b), b, is_nan(b)), a, is_nan(a));
}

/// exp(x) that is exact about infinities and keeps NaN.
fn exp_nan(x: f32) -> f32 {
  return select(select(exp(x), select(0.0, x, x > 0.0), is_inf(x)), x, is_nan(x));
}

/// a - b where infinity - infinity is NaN.
fn sub_nan(a: f32, b: f32) -> f32 {
  return select(a - b, nan(), is_nan(a) || is_nan(b) || (is_inf(a) && is_inf(b) && a == b));
}

/// log(x) of positive numbers, infinity and NaN.
fn log_nan(x: f32) -> f32 {
  return select(log(x), x, is_nan(x) || is_inf(x));
}

/// x^y of positive numbers that keeps NaN.
fn pow_nan(x: f32, y: f32) -> f32 {
  return select(pow(x, y), x, is_nan(x));
}
