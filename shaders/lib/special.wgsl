// Special functions to float32 accuracy: inverse hyperbolic functions, erfc, erfinv and the family of the gamma function.
// NaN stays NaN.
import package::lib::float::{exp_nan, infinity, is_inf, is_nan, nan};
import package::lib::math::{log1p, log_precise, LN_2, sqrt_nan};
import package::lib::trigonometry::sin_cos_near;

const PI = 3.141592653589793;

fn asinh_precise(x: f32) -> f32 {
  let a = abs(x);
  let square = a * a;
  let near = log1p(a + square / (1.0 + sqrt_nan(1.0 + square)));
  let value = select(near, log_precise(a) + LN_2, a > 1e8);
  return select(select(value, -value, x < 0.0), x, is_nan(x) || x == 0.0);
}

/// acosh(x); NaN below 1.
fn acosh_precise(x: f32) -> f32 {
  let t = x - 1.0;
  let near = log1p(t + sqrt_nan(t * (t + 2.0)));
  return select(select(near, log_precise(x) + LN_2, x > 1e8), nan(), is_nan(x) || x < 1.0);
}

/// 1 - erf(x), to relative accuracy where it is tiny: a Chebyshev fit of log(erfc) + x^2 (Numerical Recipes, 6.2).
fn erfc_precise(x: f32) -> f32 {
  let z = abs(x);
  let t = 1.0 / (1.0 + 0.5 * z);
  var sum = -0.82215223 + t * 0.17087277;
  sum = -1.13520398 + t * (1.48851587 + t * sum);
  sum = -0.18628806 + t * (0.27886807 + t * sum);
  sum = 0.37409196 + t * (0.09678418 + t * sum);
  sum = -1.26551223 + t * (1.00002368 + t * sum);
  // z^2 in two parts, the first of which is exact.
  let high = bitcast<f32>(bitcast<u32>(z) & 0xfffff000u);
  let tail = select(t * exp_nan(-high * high) * exp_nan((high - z) * (high + z) + sum), 0.0, z > 15.0);
  return select(select(tail, 2.0 - tail, x < 0.0), x, is_nan(x));
}

/// The inverse of erf; infinite at -1 and 1, NaN beyond. Source: Giles, "Approximating the erfinv function", 2010.
fn erfinv_precise(x: f32) -> f32 {
  if (is_nan(x) || abs(x) > 1.0) {
    return nan();
  }
  if (abs(x) == 1.0) {
    return select(-infinity(), infinity(), x > 0.0);
  }
  var w = -log_precise((1.0 - x) * (1.0 + x));
  var sum: f32;
  if (w < 5.0) {
    w -= 2.5;
    sum = 3.43273939e-07 + w * 2.81022636e-08;
    sum = -4.39150654e-06 + w * (-3.5233877e-06 + w * sum);
    sum = -0.00125372503 + w * (0.00021858087 + w * sum);
    sum = 0.246640727 + w * (-0.00417768164 + w * sum);
    sum = 1.50140941 + w * sum;
  } else {
    w = sqrt(w) - 3.0;
    sum = 0.000100950558 - w * 0.000200214257;
    sum = -0.00367342844 + w * (0.00134934322 + w * sum);
    sum = -0.0076224613 + w * (0.00573950773 + w * sum);
    sum = 1.00167406 + w * (0.00943887047 + w * sum);
    sum = 2.83297682 + w * sum;
  }
  return sum * x;
}

/// (sin, cos) of pi x, exact about whole and half numbers.
fn sin_cos_pi(x: f32) -> vec2<f32> {
  let half_turns = round(2.0 * x);
  let near = sin_cos_near((x - 0.5 * half_turns) * PI);
  let quarter = i32(half_turns - 4.0 * floor(0.25 * half_turns));
  let turned = select(near, vec2<f32>(near.y, -near.x), (quarter & 1) == 1);
  return select(turned, -turned, (quarter & 2) == 2);
}

/// log(gamma(x)) of x > 0: Stirling's series, below 8 the Taylor series at 2 after steps of gamma(x + 1) = x gamma(x).
fn lgamma_positive(x: f32) -> f32 {
  if (x >= 8.0) {
    let r = 1.0 / x;
    let s = r * r;
    let series = r * (1.0 / 12.0 - s * (1.0 / 360.0 - s / 1260.0));
    return (x - 0.5) * (log_precise(x) - 1.0) + (series + 0.4189385332046727);
  }
  var at = x;
  var product = 1.0;
  for (; at > 2.5; at -= 1.0) {
    product *= at - 1.0;
  }
  var lower = 0.0;
  if (at < 0.5) {
    lower = log_precise(at);
    at += 1.0;
  }
  if (at < 1.5) {
    lower += log_precise(at);
    at += 1.0;
  }
  let z = at - 2.0;
  // z^k (zeta(k) - 1) / k with alternating signs; the coefficient of z is 1 - Euler's constant.
  var sum = 4.3748667899e-06;
  sum = 2.0507212776e-05 + z * (-9.4394882753e-06 + z * sum);
  sum = 9.9457512782e-05 + z * (-4.4926236738e-05 + z * sum);
  sum = 0.00050966952474 + z * (-0.00022315475845 + z * sum);
  sum = 0.0028905103307 + z * (-0.0011927539117 + z * sum);
  sum = 0.020580808425 + z * (-0.0073855510287 + z * sum);
  sum = 0.32246703341 + z * (-0.067352301053 + z * sum);
  sum = 0.4227843351 + z * sum;
  let taylor = z * sum;
  return taylor + log_precise(product) - lower;
}

/// log(|gamma(x)|); Infinity at 0 and negative whole numbers.
fn lgamma_precise(x: f32) -> f32 {
  if (is_nan(x)) {
    return x;
  }
  if (is_inf(x) || (x <= 0.0 && x == floor(x))) {
    return infinity();
  }
  if (x > 0.0) {
    return lgamma_positive(x);
  }
  // gamma(x) gamma(1 - x) = pi / sin(pi x)
  return 1.1447298858494002 - log_precise(abs(sin_cos_pi(x).x * x)) - lgamma_positive(-x);
}

/// The derivative of lgamma; NaN at negative whole numbers, -Infinity at 0 (Infinity at -0).
fn digamma_precise(x: f32) -> f32 {
  if (is_nan(x) || x == 0.0) {
    return select(select(-infinity(), infinity(), (bitcast<u32>(x) >> 31u) == 1u), x, is_nan(x));
  }
  if (is_inf(x) || (x < 0.0 && x == floor(x))) {
    return select(nan(), x, x > 0.0);
  }
  var at = x;
  var value = 0.0;
  if (x < 0.0) {
    let turn = sin_cos_pi(x);
    value = -PI * turn.y / turn.x;
    at = 1.0 - x;
  }
  for (; at < 6.0; at += 1.0) {
    value -= 1.0 / at;
  }
  let r = 1.0 / at;
  let s = r * r;
  return value + (log_precise(at) - 0.5 * r - s * (1.0 / 12.0 - s * (1.0 / 120.0 - s * (1.0 / 252.0 - s / 240.0))));
}

/// The derivative of digamma; Infinity at 0 and negative whole numbers.
fn trigamma_precise(x: f32) -> f32 {
  if (is_nan(x)) {
    return x;
  }
  if (is_inf(x) || (x <= 0.0 && x == floor(x))) {
    return select(infinity(), select(nan(), 0.0, x > 0.0), is_inf(x));
  }
  var at = x;
  var value = 0.0;
  var factor = 1.0;
  if (x < 0.0) {
    let s = sin_cos_pi(x).x;
    value = PI * PI / (s * s);
    at = 1.0 - x;
    factor = -1.0;
  }
  var sum = 0.0;
  for (; at < 6.0; at += 1.0) {
    sum += 1.0 / (at * at);
  }
  let r = 1.0 / at;
  let s = r * r;
  sum += r * (1.0 + 0.5 * r + s * (1.0 / 6.0 - s * (1.0 / 30.0 - s * (1.0 / 42.0 - s / 30.0))));
  return value + factor * sum;
}
