// Elementary functions to float32 accuracy. WGSL's own may be off by far more (sin and cos by 5e-4, atan by 4096
// units in the last place, tanh by 1e-5) or have no expm1, log1p and erf at all. NaN stays NaN.
import package::lib::float::{exp_nan, infinity, is_inf, is_nan, nan};

const LN_2 = 0.6931471805599453;

/// tanh(x) / x for |x| <= 0.5 by the Pade approximant [4/4] of the continued fraction (error below 1e-9).
fn tanh_ratio(x: f32) -> f32 {
  let s = x * x;
  return (945.0 + s * (105.0 + s)) / (945.0 + s * (420.0 + s * 15.0));
}

fn tanh_precise(x: f32) -> f32 {
  let e = exp(-2.0 * min(abs(x), 10.0));
  let far = sign(x) * (1.0 - e) / (1.0 + e);
  return select(select(far, x * tanh_ratio(x), abs(x) < 0.5), x, is_nan(x));
}

/// x - tanh(x) without cancellation near 0.
fn tanh_rest(x: f32) -> f32 {
  let s = x * x;
  let near = x * s * (315.0 + s * 14.0) / (945.0 + s * (420.0 + s * 15.0));
  return select(x - tanh_precise(x), near, abs(x) < 0.5);
}

/// 1 / (1 + exp(-x)).
fn sigmoid(x: f32) -> f32 {
  let e = exp(-min(abs(x), 104.0));
  let r = 1.0 / (1.0 + e);
  return select(select(e * r, r, x >= 0.0), x, is_nan(x));
}

/// exp(x) - 1: 2t / (1 - t) with t = tanh(x / 2) near 0.
fn expm1(x: f32) -> f32 {
  let t = 0.5 * x * tanh_ratio(0.5 * x);
  return select(exp_nan(x) - 1.0, 2.0 * t / (1.0 - t), abs(x) < 0.5);
}

/// log(1 + x) for |x| <= 0.25: 2 atanh(x / (2 + x)) by its series.
fn log1p_near(x: f32) -> f32 {
  let r = x / (2.0 + x);
  let s = r * r;
  return 2.0 * r * (1.0 + s * (1.0 / 3.0 + s * (0.2 + s * (1.0 / 7.0 + s / 9.0))));
}

/// log(x) with IEEE results outside of (0, infinity).
fn log_far(x: f32) -> f32 {
  let special = select(select(nan(), -infinity(), x == 0.0), x, is_nan(x) || x > 0.0);
  return select(special, log(x), x > 0.0 && !is_inf(x));
}

/// log(x), to relative accuracy around 1 too.
fn log_precise(x: f32) -> f32 {
  return select(log_far(x), log1p_near(x - 1.0), abs(x - 1.0) < 0.25);
}

fn log1p(x: f32) -> f32 {
  return select(log_far(1.0 + x), log1p_near(x), abs(x) < 0.25);
}

/// The error function: its Taylor series near 0, else Abramowitz and Stegun 7.1.26 (absolute error 1.5e-7).
fn erf(x: f32) -> f32 {
  let a = min(abs(x), 10.0);
  if (is_nan(x)) {
    return x;
  }
  if (a < 1.0) {
    let s = x * x;
    var sum = 1.0 / 76204800.0;
    sum = 1.0 / 6894720.0 - s * sum;
    sum = 1.0 / 685440.0 - s * sum;
    sum = 1.0 / 75600.0 - s * sum;
    sum = 1.0 / 9360.0 - s * sum;
    sum = 1.0 / 1320.0 - s * sum;
    sum = 1.0 / 216.0 - s * sum;
    sum = 1.0 / 42.0 - s * sum;
    sum = 1.0 / 10.0 - s * sum;
    sum = 1.0 / 3.0 - s * sum;
    return 1.1283791670955126 * x * (1.0 - s * sum);
  }
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sign(x) * (1.0 - p * exp(-a * a));
}

/// atan(y / x) for y >= 0 and x >= 0, both may be infinite; 0 for 0 / 0. The larger one divides, then the angle is
/// halved down to pi / 8, where the Taylor series has error 1e-9.
fn atan_quadrant(y: f32, x: f32) -> f32 {
  let larger = max(x, y);
  var ratio = select(min(x, y) / larger, 0.0, larger == 0.0);
  if (is_inf(larger)) {
    ratio = select(0.0, 1.0, is_inf(min(x, y)));
  }
  let shifted = ratio > 0.41421356;
  let z = select(ratio, (ratio - 1.0) / (ratio + 1.0), shifted);
  let s = z * z;
  var sum = 1.0 / 13.0 - s * (1.0 / 15.0 - s * (1.0 / 17.0));
  sum = 1.0 - s * (1.0 / 3.0 - s * (0.2 - s * (1.0 / 7.0 - s * (1.0 / 9.0 - s * (1.0 / 11.0 - s * sum)))));
  let angle = z * sum + select(0.0, 0.7853981633974483, shifted);
  return select(angle, 1.5707963267948966 - angle, y > x);
}

fn atan_precise(x: f32) -> f32 {
  let angle = atan_quadrant(abs(x), 1.0);
  return select(select(angle, -angle, x < 0.0), x, is_nan(x) || x == 0.0);
}

/// sqrt(x) with IEEE results for negative, infinite and NaN arguments.
fn sqrt_nan(x: f32) -> f32 {
  let special = select(x, nan(), x < 0.0);
  return select(special, sqrt(x), x > 0.0 && !is_inf(x));
}

/// sqrt(x^2 + y^2) without overflow; infinite where either is.
fn hypot_precise(x: f32, y: f32) -> f32 {
  let larger = max(abs(x), abs(y));
  let ratio = select(min(abs(x), abs(y)) / larger, 0.0, larger == 0.0);
  let length = select(larger * sqrt(1.0 + ratio * ratio), infinity(), is_inf(x) || is_inf(y));
  return select(length, nan(), (is_nan(x) || is_nan(y)) && !is_inf(x) && !is_inf(y));
}

/// The angle of the point (x, y) as C's atan2, signed zeros included.
fn atan2_precise(y: f32, x: f32) -> f32 {
  let quadrant = atan_quadrant(abs(y), abs(x));
  let angle = select(quadrant, 3.141592653589793 - quadrant, (bitcast<u32>(x) >> 31u) == 1u);
  let value = bitcast<f32>(bitcast<u32>(angle) | (bitcast<u32>(y) & 0x80000000u));
  return select(value, nan(), is_nan(x) || is_nan(y));
}

/// C's pow: negative bases with whole exponents, and its results for 0, 1, infinity and NaN. Whole exponents up to
/// 64 by repeated squaring, since exp2(y log2(x)) is the less accurate the larger the result is.
fn pow_precise(x: f32, y: f32) -> f32 {
  if ((bitcast<u32>(y) & 0x7fffffffu) == 0u || bitcast<u32>(x) == 0x3f800000u) {
    return 1.0;
  }
  if (is_nan(x) || is_nan(y)) {
    return nan();
  }
  let a = abs(x);
  let b = abs(y);
  let whole = is_inf(y) || y == floor(y);
  var power: f32;
  if (is_inf(y)) {
    power = select(select(0.0, infinity(), (a > 1.0) == (y > 0.0)), 1.0, a == 1.0);
  } else if (a == 0.0 || is_inf(x)) {
    power = select(0.0, infinity(), (a == 0.0) == (y < 0.0));
  } else if (whole && b <= 64.0) {
    var square = a;
    power = 1.0;
    for (var bits = u32(b); bits > 0u; bits >>= 1u) {
      power *= select(1.0, square, (bits & 1u) == 1u);
      square *= square;
    }
    power = select(power, 1.0 / power, y < 0.0);
  } else {
    power = exp2(y * log2(a));
  }
  if ((bitcast<u32>(x) >> 31u) == 0u || is_inf(y)) {
    return power;
  }
  let finite = a != 0.0 && !is_inf(x);
  let odd = whole && b < 16777216.0 && b - 2.0 * floor(0.5 * b) == 1.0;
  return select(select(power, -power, odd), nan(), finite && !whole);
}

fn sinh_precise(x: f32) -> f32 {
  let a = abs(x);
  let t = expm1(min(a, 1.0));
  let far = exp_nan(a - LN_2) - exp_nan(-a - LN_2);
  let value = select(far, 0.5 * (t + t / (t + 1.0)), a < 1.0);
  return select(select(value, -value, x < 0.0), x, is_nan(x));
}

fn cosh_precise(x: f32) -> f32 {
  let a = abs(x);
  return exp_nan(a - LN_2) + exp_nan(-a - LN_2);
}

/// asin(x); NaN beyond [-1, 1].
fn asin_precise(x: f32) -> f32 {
  let a = abs(x);
  let angle = atan_quadrant(a, sqrt(max((1.0 - a) * (1.0 + a), 0.0)));
  return select(select(angle, -angle, x < 0.0), nan(), is_nan(x) || a > 1.0);
}

/// acos(x), to relative accuracy near 1 too; NaN beyond [-1, 1].
fn acos_precise(x: f32) -> f32 {
  let angle = 2.0 * atan_quadrant(sqrt(max(1.0 - x, 0.0)), sqrt(max(1.0 + x, 0.0)));
  return select(angle, nan(), is_nan(x) || abs(x) > 1.0);
}

/// 1 / sqrt(x) with IEEE results for zeros, negative, infinite and NaN arguments.
fn rsqrt_nan(x: f32) -> f32 {
  let zero = select(infinity(), -infinity(), (bitcast<u32>(x) >> 31u) == 1u);
  let special = select(select(nan(), zero, x == 0.0), 0.0, is_inf(x) && x > 0.0);
  return select(select(special, inverseSqrt(x), x > 0.0 && !is_inf(x)), x, is_nan(x));
}
