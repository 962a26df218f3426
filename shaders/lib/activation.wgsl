// Activation functions and their derivatives, shared by the elementwise kernels and by kernels that fuse them.
// NaN stays NaN. Formulas as in the documentation of torch.nn.functional.
import package::lib::float::{exp_nan, is_nan};
import package::lib::math::{erf, expm1, log1p, sigmoid, tanh_precise};

// shared with the host
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

const SQRT_2_OVER_PI = 0.7978845608028654;

fn relu(x: f32) -> f32 {
  return select(0.0, x, x > 0.0 || is_nan(x));
}

/// relu of four values.
fn relu4(x: vec4<f32>) -> vec4<f32> {
  let bits = bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu);
  let keep = (x > vec4<f32>()) | (bits > vec4<u32>(0x7f800000u));
  return select(vec4<f32>(), x, keep);
}

/// x above 0, else alpha * (exp(x / scale) - 1).
fn elu_scaled(x: f32, alpha: f32, scale: f32) -> f32 {
  return select(alpha * expm1(x / scale), x, x > 0.0);
}

/// x between low and high.
fn clip(x: f32, low: f32, high: f32) -> f32 {
  return select(min(max(x, low), high), x, is_nan(x));
}

/// log(1 + exp(x)) without overflow.
fn softplus_unit(x: f32) -> f32 {
  return select(max(x, 0.0) + log1p(exp(-min(abs(x), 104.0))), x, is_nan(x));
}

/// x * sigmoid(x).
fn silu(x: f32) -> f32 {
  return x * sigmoid(x);
}

fn silu_derivative(x: f32) -> f32 {
  let s = sigmoid(x);
  return s * (1.0 + x * (1.0 - s));
}

/// x * Phi(x) with the normal distribution's Phi.
fn gelu_erf(x: f32) -> f32 {
  return 0.5 * x * (1.0 + erf(x * 0.7071067811865476));
}

fn gelu_erf_derivative(x: f32) -> f32 {
  return 0.5 * (1.0 + erf(x * 0.7071067811865476)) + x * 0.3989422804014327 * exp_nan(-0.5 * x * x);
}

/// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
fn gelu_tanh(x: f32) -> f32 {
  return 0.5 * x * (1.0 + tanh_precise(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)));
}

fn gelu_tanh_derivative(x: f32) -> f32 {
  let t = tanh_precise(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x));
  let inner = SQRT_2_OVER_PI * (1.0 + 0.134145 * x * x);
  return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner;
}

/// tanh(softplus(x)) = n / (n + 2) with n = exp(x) (exp(x) + 2).
fn mish_gate(x: f32) -> f32 {
  let e = exp_nan(min(x, 20.0));
  let n = e * (e + 2.0);
  return select(n / (n + 2.0), x, is_nan(x));
}

fn mish_derivative(x: f32) -> f32 {
  let t = mish_gate(x);
  return t + x * (1.0 - t * t) * sigmoid(x);
}
