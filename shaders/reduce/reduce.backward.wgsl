// dx of a reduction y[o] = f(x[o, r]) from dy[o]: one thread per element of x, whose output o follows from its index
// with strides that are 0 along reduced dimensions. `aux` holds one more number per output: how many elements tie
// (extremum), the mean (variance, deviation), sum(exp(x - y)) where y is the shift (exp_shifted), or the number of zeros
// (prod, where y is the product of the others).
// rounds: ceil(n / threads) + 1
// variants: spread extremum extremum_abs abs square power variance deviation exp_shifted prod
// lowering reads: storage
import package::lib::float::{exp_nan, is_nan, pow_nan};
import package::lib::grid::workgroup_range;
import package::lib::offset::offset8;

struct Params {
  low: vec4<u32>,
  low_strides: vec4<u32>,
  high: vec4<u32>,
  high_strides: vec4<u32>,
  n: u32,
  /// A factor of the gradient.
  scale: f32,
  accumulate: u32,
  @if(power) power: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@if(!spread) @group(0) @binding(3) var<storage, read> x: array<f32>;
@if(extremum || extremum_abs || square || power || deviation || exp_shifted || prod)
@group(0) @binding(4) var<storage, read> y: array<f32>;
@if(extremum || extremum_abs || variance || deviation || exp_shifted || prod)
@group(0) @binding(5) var<storage, read> aux: array<f32>;

@if(spread)
fn slope(i: u32, o: u32) -> f32 {
  return 1.0;
}
@if(extremum)
fn slope(i: u32, o: u32) -> f32 {
  return select(select(0.0, 1.0 / aux[o], x[i] == y[o]), y[o], is_nan(y[o]));
}
@if(extremum_abs)
fn slope(i: u32, o: u32) -> f32 {
  return select(select(0.0, sign(x[i]) / aux[o], abs(x[i]) == y[o]), y[o], is_nan(y[o]));
}
@if(abs)
fn slope(i: u32, o: u32) -> f32 {
  return sign(x[i]);
}
@if(square)
fn slope(i: u32, o: u32) -> f32 {
  return select(x[i] / y[o], 0.0, y[o] == 0.0);
}
// d/dx (sum |x|^p)^(1/p) = sign(x) (|x| / y)^(p - 1)
@if(power)
fn slope(i: u32, o: u32) -> f32 {
  let ratio = abs(x[i]) / y[o];
  return select(sign(x[i]) * pow_nan(ratio, params.power - 1.0), 0.0, x[i] == 0.0 || y[o] == 0.0);
}
@if(variance)
fn slope(i: u32, o: u32) -> f32 {
  return 2.0 * (x[i] - aux[o]);
}
@if(deviation)
fn slope(i: u32, o: u32) -> f32 {
  return select((x[i] - aux[o]) / y[o], 0.0, y[o] == 0.0);
}
@if(exp_shifted)
fn slope(i: u32, o: u32) -> f32 {
  return select(exp_nan(x[i] - y[o]) / aux[o], 0.0, aux[o] == 0.0);
}
// Without zeros y / x; with one only its own element has a gradient; with more none has.
@if(prod)
fn slope(i: u32, o: u32) -> f32 {
  let is_zero = x[i] == 0.0;
  let others = select(y[o] / x[i], y[o], is_zero);
  return select(0.0, others, aux[o] == select(0.0, 1.0, is_zero));
}

@compute @workgroup_size(64)
fn reduce_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let o = offset8(i, params.low, params.low_strides, params.high, params.high_strides);
    let value = params.scale * dy[o] * slope(i, o);
    if (params.accumulate != 0u) {
      dx[i] += value;
    } else {
      dx[i] = value;
    }
  }
}
