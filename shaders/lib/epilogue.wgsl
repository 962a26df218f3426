// Epilogues: what a kernel does with each value before it stores it, in place of a kernel of its own.
import package::lib::activation::{gelu_erf, gelu_erf_derivative, gelu_tanh, gelu_tanh_derivative, silu, silu_derivative};
import package::lib::float::is_nan;
import package::lib::math::{sigmoid, tanh_precise};

// shared with the host
const RELU = 1u;
const RELU_GRADIENT = 2u;
const ADD = 3u;
const ACTIVATE = 4u;
const ACTIVATE_KEEP = 5u;
const GRADIENT = 6u;
/// Epilogue selected at run time from a uniform: none, relu, its gradient or a residual.
const SELECTED = 7u;

// shared with the host
const GELU = 1u;
const GELU_TANH = 2u;
const SILU = 3u;
const SIGMOID = 4u;
const TANH = 5u;

/// Whether the value before the activation is stored too.
fn keeps_input(mode: u32) -> bool {
  return mode == ACTIVATE_KEEP;
}

/// f(value), value + aux, or f' value; `aux` is where f' is taken: x, or y for relu, sigmoid and tanh. `activation` is
/// a constant where this is called, so that the code of the other activations is dropped.
fn apply_epilogue(mode: u32, activation: u32, value: f32, aux: f32) -> f32 {
  if (mode == RELU_GRADIENT) {
    return select(0.0, value, aux > 0.0 || is_nan(aux));
  }
  if (mode == ADD) {
    return value + aux;
  }
  if (mode == GRADIENT) {
    if (activation == GELU) { return value * gelu_erf_derivative(aux); }
    if (activation == GELU_TANH) { return value * gelu_tanh_derivative(aux); }
    if (activation == SILU) { return value * silu_derivative(aux); }
    if (activation == SIGMOID) { return value * aux * (1.0 - aux); }
    if (activation == TANH) { return value * (1.0 - aux * aux); }
  } else {
    if (activation == GELU) { return gelu_erf(value); }
    if (activation == GELU_TANH) { return gelu_tanh(value); }
    if (activation == SILU) { return silu(value); }
    if (activation == SIGMOID) { return sigmoid(value); }
    if (activation == TANH) { return tanh_precise(value); }
  }
  return select(0.0, value, value > 0.0 || is_nan(value));
}
