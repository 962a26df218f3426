// Normalization of consecutive rows: y = (x - mean) * rstd * weight + bias with rstd = 1 / sqrt(variance + eps); `RMS`
// takes the mean square instead of mean and variance. The parameter of element i is number
// i / parameter_step % parameters (a channel), or as its place in the row. Few elements take a thread per row, many a
// workgroup per row; `vector` is `thread` four elements at a time.
// `stats` keeps (shift, mean - shift, rstd, variance) per row: shift is the row's first element, and x - shift is exact
// for the neighbours of a large mean, which float32 could not hold precisely enough by itself.
// rounds: 3 * ceil(size / LANES) + 60
// variants: thread group vector
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum2;
import package::lib::norm::rstd_of;
import package::lib::row::{HAS_WEIGHT, LANES, OWN_PARAMETERS, RMS, Value, WIDTH, first_of, sum_of};

/// Compile-time constant.
const HAS_BIAS = 0u;

/// `size` counts values.
struct Params { rows: u32, size: u32, parameter_step: u32, parameters: u32, eps: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Value>;
@group(0) @binding(2) var<storage, read> weight: array<Value>;
@group(0) @binding(3) var<storage, read> bias: array<Value>;
@group(0) @binding(4) var<storage, read_write> y: array<Value>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec4<f32>>;

@if(!group) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return value; }
@if(group) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return group_sum2(value, local); }

@compute @workgroup_size(64)
fn rows_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  @if(!group) let row = workgroup_index(group, groups) * 64u + local;
  @if(!group) let lane = 0u;
  @if(group) let row = workgroup_index(group, groups);
  @if(group) let lane = local;
  if (row >= params.rows) {
    return;
  }
  let size = params.size;
  let start = row * size;
  let n = f32(WIDTH * size);
  var shift = 0.0;
  var mean = 0.0;
  if (RMS == 0u) {
    shift = first_of(x[start]);
    var sum = Value();
    for (var j = lane; j < size; j += LANES) {
      sum += x[start + j] - shift;
    }
    mean = all_sum(vec2<f32>(sum_of(sum), 0.0), local).x / n;
  }
  var sum = Value();
  var squares = Value();
  for (var j = lane; j < size; j += LANES) {
    let d = (x[start + j] - shift) - mean;
    sum += d;
    squares += d * d;
  }
  let moments = all_sum(vec2<f32>(sum_of(sum), sum_of(squares)), local) / n;
  var variance = moments.y;
  if (RMS == 0u) {
    // What rounding left of the mean.
    mean += moments.x;
    variance = moments.y - moments.x * moments.x;
  }
  let rstd = rstd_of(variance, params.eps);
  if (lane == 0u) {
    stats[row] = vec4<f32>(shift, mean, rstd, variance);
  }
  let step = params.parameter_step;
  let parameters = params.parameters;
  for (var j = lane; j < size; j += LANES) {
    let i = start + j;
    var p = j;
    if (OWN_PARAMETERS == 0u) {
      p = i / step % parameters;
    }
    var value = ((x[i] - shift) - mean) * rstd;
    if (HAS_WEIGHT == 1u) {
      value *= weight[p];
    }
    if (HAS_BIAS == 1u) {
      value += bias[p];
    }
    y[i] = value;
  }
}
