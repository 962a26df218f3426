// What the kernels of connectionist temporal classification share. The extended target of a sample has 2 L + 1 states:
// blanks before, between and behind its L symbols.
import package::lib::float::{exp_nan, is_inf, max_nan};

/// log(exp(a) + exp(b)); -Infinity stands for the impossible.
fn log_add(a: f32, b: f32) -> f32 {
  let top = max_nan(a, b);
  if (is_inf(top)) {
    return top;
  }
  return top + log(exp_nan(a - top) + exp_nan(b - top));
}
