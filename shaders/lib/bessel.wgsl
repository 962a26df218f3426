// Modified Bessel functions of the first kind, I_0 and I_1. Polynomials: Abramowitz and Stegun, "Handbook of Mathematical
// Functions", 9.8.1 to 9.8.4. NaN stays NaN.
import package::lib::float::{exp_nan, is_inf, is_nan};
import package::lib::math::sqrt_nan;

/// exp(a) / sqrt(a) times `factor`, in halves, so that it is infinite only where the result is.
fn bessel_tail(a: f32, factor: f32) -> f32 {
  let half = exp_nan(0.5 * a);
  return select(half / sqrt_nan(a) * factor * half, a, is_inf(a));
}

fn i0_precise(x: f32) -> f32 {
  let a = abs(x);
  if (is_nan(x)) {
    return x;
  }
  if (a < 3.75) {
    let t = (a / 3.75) * (a / 3.75);
    var sum = 0.0360768 + t * 0.0045813;
    sum = 1.2067492 + t * (0.2659732 + t * sum);
    sum = 3.5156229 + t * (3.0899424 + t * sum);
    return 1.0 + t * sum;
  }
  let t = 3.75 / a;
  var sum = -0.01647633 + t * 0.00392377;
  sum = -0.02057706 + t * (0.02635537 + t * sum);
  sum = -0.00157565 + t * (0.00916281 + t * sum);
  sum = 0.01328592 + t * (0.00225319 + t * sum);
  return bessel_tail(a, 0.39894228 + t * sum);
}

/// I_1(x) / x; 1/2 at 0.
fn i1_over_x(x: f32) -> f32 {
  let a = abs(x);
  if (is_nan(x)) {
    return x;
  }
  if (a < 3.75) {
    let t = (a / 3.75) * (a / 3.75);
    var sum = 0.00301532 + t * 0.00032411;
    sum = 0.15084934 + t * (0.02658733 + t * sum);
    sum = 0.87890594 + t * (0.51498869 + t * sum);
    return 0.5 + t * sum;
  }
  let t = 3.75 / a;
  var sum = 0.01787654 - t * 0.00420059;
  sum = 0.02282967 + t * (-0.02895312 + t * sum);
  sum = 0.00163801 + t * (-0.01031555 + t * sum);
  sum = -0.03988024 + t * (-0.00362018 + t * sum);
  return bessel_tail(a, 0.39894228 + t * sum) / a;
}

fn i1_precise(x: f32) -> f32 {
  return select(i1_over_x(x) * x, x, is_inf(x));
}
