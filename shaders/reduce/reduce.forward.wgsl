// y[o] = finish(combination over r of map(x[o, r])): one pass of a reduction. The dimensions of x are kept ones (o)
// and reduced ones; of the reduced ones the innermost (`inner`) is walked with a stride, the others (`outer`) with a
// division each. The reduced elements of one output are shared among `pieces` ranges of `outer` times `lanes`
// interleaved parts of `inner`. With more than one part y holds unfinished parts, which a further pass combines: the
// order of the additions is fixed. Threads are ordered so that neighbours read neighbouring elements. x is read with
// one partial result per row of `inner`, which keeps long sums accurate. The variants `_integer` reduce int32, wrapping
// around, and take no `finish`.
// rounds: ceil(outer / pieces) * (ceil(inner / lanes) + 2) + 1
// variants: sum prod max min all any abs square power count max_abs min_abs exp_shifted square_shifted shifted equal equal_abs prod_nonzero zeros sum_integer prod_integer max_integer min_integer
import package::lib::float::{exp_nan, infinity, is_inf, is_nan, max_nan, min_nan, nan, sub_nan};
import package::lib::grid::workgroup_index;
import package::lib::math::{log_precise, sqrt_nan};
import package::lib::offset::offset4;

// shared with the host
const DIVIDE = 1u;
const DIVIDE_ROOT = 2u;
const LOG_SHIFTED = 3u;
const POWER = 4u;
const DIVIDE_SHIFTED = 5u;
const FINITE = 6u;

struct Params {
  kept_shape: vec4<u32>,
  kept_strides: vec4<u32>,
  outer_shape: vec4<u32>,
  outer_strides: vec4<u32>,
  outputs: u32,
  outer: u32,
  inner: u32,
  inner_stride: u32,
  pieces: u32,
  lanes: u32,
  /// 1: neighbouring threads have neighbouring outputs; 0: neighbouring parts of one output.
  by_output: u32,
  finish: u32,
  /// The divisor or power of `finish`.
  value: f32,
  /// The power of the variant `power`.
  power: f32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@if(!(sum_integer || prod_integer || max_integer || min_integer)) @group(0) @binding(1) var<storage, read> x: array<f32>;
@if(sum_integer || prod_integer || max_integer || min_integer) @group(0) @binding(1) var<storage, read> x: array<i32>;
/// One value per output that the elements are compared with or shifted by.
@group(0) @binding(2) var<storage, read> shift: array<f32>;
@if(!(sum_integer || prod_integer || max_integer || min_integer)) @group(0) @binding(3) var<storage, read_write> y: array<f32>;
@if(sum_integer || prod_integer || max_integer || min_integer) @group(0) @binding(3) var<storage, read_write> y: array<i32>;

@if(sum_integer)
fn start() -> i32 {
  return 0;
}
@if(prod_integer)
fn start() -> i32 {
  return 1;
}
@if(max_integer)
fn start() -> i32 {
  return -2147483647 - 1;
}
@if(min_integer)
fn start() -> i32 {
  return 2147483647;
}

@if(sum_integer)
fn combine(a: i32, b: i32) -> i32 {
  return a + b;
}
@if(prod_integer)
fn combine(a: i32, b: i32) -> i32 {
  return a * b;
}
@if(max_integer)
fn combine(a: i32, b: i32) -> i32 {
  return max(a, b);
}
@if(min_integer)
fn combine(a: i32, b: i32) -> i32 {
  return min(a, b);
}

@if(sum_integer || prod_integer || max_integer || min_integer)
fn map(v: i32, s: f32) -> i32 {
  return v;
}

@if(sum_integer || prod_integer || max_integer || min_integer)
fn finished(total: i32, s: f32) -> i32 {
  return total;
}

fn is_zero(v: f32) -> bool {
  return (bitcast<u32>(v) & 0x7fffffffu) == 0u;
}

fn power_of(base: f32, exponent: f32) -> f32 {
  return select(pow(base, exponent), base, is_nan(base) || is_inf(base) || base == 0.0);
}

@if(sum || any || abs || square || power || count || exp_shifted || square_shifted || shifted || equal || equal_abs || zeros)
fn start() -> f32 {
  return 0.0;
}
@if(prod || prod_nonzero || all)
fn start() -> f32 {
  return 1.0;
}
@if(max || max_abs)
fn start() -> f32 {
  return -infinity();
}
@if(min || min_abs)
fn start() -> f32 {
  return infinity();
}

@if(sum || abs || square || power || count || exp_shifted || square_shifted || shifted || equal || equal_abs || zeros)
fn combine(a: f32, b: f32) -> f32 {
  return a + b;
}
@if(prod || prod_nonzero)
fn combine(a: f32, b: f32) -> f32 {
  return a * b;
}
@if(max || max_abs)
fn combine(a: f32, b: f32) -> f32 {
  return max_nan(a, b);
}
@if(min || min_abs)
fn combine(a: f32, b: f32) -> f32 {
  return min_nan(a, b);
}
@if(all)
fn combine(a: f32, b: f32) -> f32 {
  return min(a, b);
}
@if(any)
fn combine(a: f32, b: f32) -> f32 {
  return max(a, b);
}

@if(sum || prod || max || min)
fn map(v: f32, s: f32) -> f32 {
  return v;
}
@if(all || any || count)
fn map(v: f32, s: f32) -> f32 {
  return select(1.0, 0.0, is_zero(v));
}
@if(abs || max_abs || min_abs)
fn map(v: f32, s: f32) -> f32 {
  return abs(v);
}
@if(square)
fn map(v: f32, s: f32) -> f32 {
  return v * v;
}
@if(power)
fn map(v: f32, s: f32) -> f32 {
  return power_of(abs(v), params.power);
}
@if(exp_shifted)
fn map(v: f32, s: f32) -> f32 {
  return exp_nan(sub_nan(v, s));
}
@if(square_shifted)
fn map(v: f32, s: f32) -> f32 {
  let d = v - s;
  return d * d;
}
@if(shifted)
fn map(v: f32, s: f32) -> f32 {
  return v - s;
}
@if(equal)
fn map(v: f32, s: f32) -> f32 {
  return select(0.0, 1.0, v == s);
}
@if(equal_abs)
fn map(v: f32, s: f32) -> f32 {
  return select(0.0, 1.0, abs(v) == s);
}
@if(prod_nonzero)
fn map(v: f32, s: f32) -> f32 {
  return select(v, 1.0, is_zero(v));
}
@if(zeros)
fn map(v: f32, s: f32) -> f32 {
  return select(0.0, 1.0, is_zero(v));
}

fn divide(a: f32, b: f32) -> f32 {
  return select(a / b, select(infinity(), nan(), a == 0.0 || is_nan(a)), b == 0.0);
}

@if(!(sum_integer || prod_integer || max_integer || min_integer))
fn finished(total: f32, s: f32) -> f32 {
  switch (params.finish) {
    case DIVIDE: {
      return divide(total, params.value);
    }
    case DIVIDE_ROOT: {
      return sqrt_nan(divide(total, params.value));
    }
    case LOG_SHIFTED: {
      return s + log_precise(total);
    }
    case POWER: {
      return power_of(total, params.value);
    }
    case DIVIDE_SHIFTED: {
      return s + divide(total, params.value);
    }
    case FINITE: {
      return select(total, 0.0, is_inf(total));
    }
    default: {
      return total;
    }
  }
}

@compute @workgroup_size(64)
fn reduce_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = workgroup_index(group, groups) * 64u + local;
  let parts = params.pieces * params.lanes;
  if (thread >= params.outputs * parts) {
    return;
  }
  let o = select(thread / parts, thread % params.outputs, params.by_output != 0u);
  let part = select(thread % parts, thread / params.outputs, params.by_output != 0u);
  let piece = part / params.lanes;
  let lane = part % params.lanes;
  let base = offset4(o, params.kept_shape, params.kept_strides) + lane * params.inner_stride;
  let step = params.lanes * params.inner_stride;
  let per_piece = (params.outer + params.pieces - 1u) / params.pieces;
  let last = min(params.outer, (piece + 1u) * per_piece);
  let count = (params.inner - lane + params.lanes - 1u) / params.lanes;
  let s = shift[o];
  var total = start();
  for (var row = piece * per_piece; row < last; row++) {
    var partial = start();
    var at = base + offset4(row, params.outer_shape, params.outer_strides);
    for (var i = 0u; i < count; i++) {
      partial = combine(partial, map(x[at], s));
      at += step;
    }
    total = combine(total, partial);
  }
  let value = finished(total, s);
  if (params.accumulate != 0u) {
    y[thread] += value;
  } else {
    y[thread] = value;
  }
}
