// Running sum or product along one dimension of x [outer, size, inner], or the logarithm of a sum of exponentials
// (log_sum): y[r] = x[0] + .. + x[r], from the end when `reverse`. Lines are cut into blocks; one thread per block and line. Long lines take two passes: the first gives
// the total of each block [outer, blocks, inner], whose own running totals are where the blocks of the second begin.
// rounds: block_size
// variants: sum prod log_sum zeros weighted prod_past_zero sum_integer prod_integer
@if(log_sum) import package::lib::ctc::log_add;
@if(log_sum) import package::lib::float::infinity;
import package::lib::grid::workgroup_index;

struct Params {
  /// Blocks of all lines.
  n: u32,
  size: u32,
  inner: u32,
  blocks: u32,
  block_size: u32,
  reverse: u32,
  /// 1: only the totals of the blocks are written.
  totals: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@if(!(sum_integer || prod_integer)) @group(0) @binding(1) var<storage, read> x: array<f32>;
@if(sum_integer || prod_integer) @group(0) @binding(1) var<storage, read> x: array<i32>;
/// Running totals of the blocks, when there are several.
@if(!(sum_integer || prod_integer)) @group(0) @binding(2) var<storage, read> before: array<f32>;
@if(sum_integer || prod_integer) @group(0) @binding(2) var<storage, read> before: array<i32>;
@if(!(sum_integer || prod_integer)) @group(0) @binding(3) var<storage, read_write> y: array<f32>;
@if(sum_integer || prod_integer) @group(0) @binding(3) var<storage, read_write> y: array<i32>;
/// Weights of the elements, or how many zeros came up to each.
@if(weighted || prod_past_zero) @group(0) @binding(4) var<storage, read> other: array<f32>;

@if(sum || zeros || weighted) const START = 0.0;
@if(prod || prod_past_zero) const START = 1.0;
@if(sum_integer) const START = 0;
@if(prod_integer) const START = 1;

@if(sum || prod || log_sum)
fn element(i: u32) -> f32 {
  return x[i];
}
@if(sum_integer || prod_integer)
fn element(i: u32) -> i32 {
  return x[i];
}
@if(zeros)
fn element(i: u32) -> f32 {
  return select(0.0, 1.0, x[i] == 0.0);
}
@if(weighted)
fn element(i: u32) -> f32 {
  return x[i] * other[i];
}
// The first zero of a line counts as 1.
@if(prod_past_zero)
fn element(i: u32) -> f32 {
  return select(x[i], 1.0, x[i] == 0.0 && other[i] == 1.0);
}

@if(sum || zeros || weighted)
fn combine(a: f32, b: f32) -> f32 {
  return a + b;
}
@if(prod || prod_past_zero)
fn combine(a: f32, b: f32) -> f32 {
  return a * b;
}

@if(log_sum)
fn combine(a: f32, b: f32) -> f32 {
  return log_add(a, b);
}
@if(sum_integer)
fn combine(a: i32, b: i32) -> i32 {
  return a + b;
}
@if(prod_integer)
fn combine(a: i32, b: i32) -> i32 {
  return a * b;
}

@compute @workgroup_size(64)
fn scan_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = workgroup_index(group, groups) * 64u + local;
  if (thread >= params.n) {
    return;
  }
  let inner = thread % params.inner;
  let rest = thread / params.inner;
  let outer = rest / params.blocks;
  let this_block = rest % params.blocks;
  let first = this_block * params.block_size;
  let last = min(first + params.block_size, params.size);
  let base = outer * params.size * params.inner + inner;
  @if(!log_sum) var total = START;
  @if(log_sum) var total = -infinity();
  for (var s = first; s < last; s++) {
    let r = select(s, params.size - 1u - s, params.reverse != 0u);
    let i = base + r * params.inner;
    total = combine(total, element(i));
    if (params.totals == 0u) {
      var value = total;
      if (this_block > 0u) {
        value = combine(before[thread - params.inner], total);
      }
      if (params.accumulate != 0u) {
        y[i] += value;
      } else {
        y[i] = value;
      }
    }
  }
  if (params.totals != 0u) {
    y[thread] = total;
  }
}
