// What becomes of an element of alpha op(A) op(B): bias, activation, residual and what C holds, then C.
import package::lib::epilogue::{apply_epilogue, keeps_input};

// Specialized: the mode and the activation of lib/epilogue.wgsl, whether there is a bias (1: the same for all rows), and
// whether what C holds is added. Constants, because software adapters take both ways of every branch.
const EPILOGUE = 0u;
const ACTIVATION = 0u;
const BIAS = 0u;
const ACCUMULATE = 0u;

@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> aux: array<f32>;
@group(0) @binding(5) var<storage, read_write> c: array<f32>;
/// Takes the values before the activation.
@group(0) @binding(6) var<storage, read_write> extra: array<f32>;

fn with_bias(product: f32, bias_at: u32, beta: f32) -> f32 {
  if (BIAS == 0u) {
    return product;
  }
  return product + beta * bias[bias_at];
}

fn put(at: u32, biased: f32) {
  var value = biased;
  if (EPILOGUE != 0u) {
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
