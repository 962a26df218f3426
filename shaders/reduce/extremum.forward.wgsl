// The largest (or smallest) value along one dimension and where it is: x is [outer, size, inner], one output per
// (outer, inner). NaN wins, and of equals the first. x is int32 in the variants `_integer`. The elements of one
// output are shared among `parts` interleaved
// lanes; a further pass then reads the values and positions that they found.
// rounds: size / parts + 1
// variants: max min max_integer min_integer
@if(max || min) import package::lib::float::is_nan;
import package::lib::grid::workgroup_index;

struct Params {
  outputs: u32,
  size: u32,
  inner: u32,
  parts: u32,
  /// 1: the position of an element is its place along the dimension; 0: it is in `positions`.
  first: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@if(max || min) @group(0) @binding(1) var<storage, read> x: array<f32>;
@if(max_integer || min_integer) @group(0) @binding(1) var<storage, read> x: array<i32>;
@group(0) @binding(2) var<storage, read> positions: array<i32>;
@if(max || min) @group(0) @binding(3) var<storage, read_write> values: array<f32>;
@if(max_integer || min_integer) @group(0) @binding(3) var<storage, read_write> values: array<i32>;
@group(0) @binding(4) var<storage, read_write> indices: array<i32>;

@if(max)
fn beats(a: f32, b: f32) -> bool {
  return a > b;
}
@if(min)
fn beats(a: f32, b: f32) -> bool {
  return a < b;
}

@if(max_integer)
fn beats(a: i32, b: i32) -> bool {
  return a > b;
}
@if(min_integer)
fn beats(a: i32, b: i32) -> bool {
  return a < b;
}

@compute @workgroup_size(64)
fn extremum_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = workgroup_index(group, groups) * 64u + local;
  if (thread >= params.outputs * params.parts) {
    return;
  }
  // Neighbouring threads read neighbouring elements: outputs where the dimension is not the innermost, else parts.
  let by_output = params.inner > 1u;
  let o = select(thread / params.parts, thread % params.outputs, by_output);
  let part = select(thread % params.parts, thread / params.outputs, by_output);
  let base = o / params.inner * params.size * params.inner + o % params.inner;
  @if(max || min) var best = 0.0;
  @if(max_integer || min_integer) var best = 0;
  var best_at = -1;
  for (var r = part; r < params.size; r += params.parts) {
    let i = base + r * params.inner;
    let value = x[i];
    var at = i32(r);
    if (params.first == 0u) {
      at = positions[i];
    }
    let earlier = at < best_at;
    let ordinary = beats(value, best) || (value == best && earlier);
    @if(max_integer || min_integer) let wins = ordinary;
    @if(max || min) let nan_wins = is_nan(value) && (!is_nan(best) || earlier);
    @if(max || min) let wins = select(ordinary, nan_wins, is_nan(value) || is_nan(best));
    if (best_at < 0 || wins) {
      best = value;
      best_at = at;
    }
  }
  values[thread] = best;
  indices[thread] = best_at;
}
