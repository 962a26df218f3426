// What becomes of an element of alpha op(A) op(B): bias, activation, residual and what C holds, then C.
import package::lib::epilogue::{apply_epilogue, keeps_input, ADD, RELU, RELU_GRADIENT, SELECTED};
import package::lib::float::is_nan;

// Compile-time constants: the mode and the activation of lib/epilogue.wgsl, whether there is a bias (1: the same for all
// rows), and whether what C and the row sums hold is added. Constants, because CPU adapters take both ways of every branch; but with the
// mode SELECTED one pipeline serves none, relu, its gradient and a residual, by the mode that `put` is given.
const EPILOGUE = 0u;
const ACTIVATION = 0u;
const BIAS = 0u;
const ACCUMULATE = 0u;
const ACCUMULATE_SUMS = 0u;

@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> aux: array<f32>;
@group(0) @binding(5) var<storage, read_write> c: array<f32>;
/// Takes the values before the activation, or the sums of the rows of op(A).
@group(0) @binding(6) var<storage, read_write> extra: array<f32>;

fn with_bias(product: f32, bias_at: u32, beta: f32) -> f32 {
  if (BIAS == 0u) {
    return product;
  }
  return product + beta * bias[bias_at];
}

fn put(at: u32, mode: u32, biased: f32) {
  var value = biased;
  if (EPILOGUE == SELECTED) {
    let other = aux[select(0u, at, mode == RELU_GRADIENT || mode == ADD)];
    let passes = select(value, other, mode == RELU_GRADIENT);
    value = select(value, 0.0, (mode == RELU || mode == RELU_GRADIENT) && !(passes > 0.0 || is_nan(passes)));
    value += select(0.0, other, mode == ADD);
  } else if (EPILOGUE != 0u) {
    if (keeps_input(EPILOGUE)) {
      extra[at] = value;
    }
    value = apply_epilogue(EPILOGUE, ACTIVATION, value, aux[at]);
  }
  if (ACCUMULATE == 1u) {
    value += c[at];
  }
  c[at] = value;
}

/// Stores the sum of row m of op(A), or adds it to what is there.
fn put_row_sum(m: u32, sum: f32) {
  var total = sum;
  if (ACCUMULATE_SUMS == 1u) {
    total += extra[m];
  }
  extra[m] = total;
}
