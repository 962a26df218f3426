// Normalization of consecutive rows of `size` elements: y = (x - mean) * rstd * weight + bias with
// rstd = 1 / sqrt(variance + eps); `rms` takes the mean square instead of mean and variance. The parameter of element i
// is number i / parameter_step % parameters (an element of the row, or a channel). Few elements take a thread per row,
// many a workgroup per row.
// `stats` keeps (shift, mean - shift, rstd, variance) per row: shift is the row's first element, and x - shift is exact
// for the neighbours of a large mean, which float32 could not hold precisely enough by itself.
// variants: thread group
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum2;
import package::lib::norm::rstd_of;

struct Params {
  rows: u32, size: u32, parameter_step: u32, parameters: u32,
  rms: u32, has_weight: u32, has_bias: u32, eps: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec4<f32>>;

@if(thread) const LANES = 1u;
@if(group) const LANES = 64u;

@if(thread) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return value; }
@if(group) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return group_sum2(value, local); }

@compute @workgroup_size(64)
fn rows_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  @if(thread) let row = workgroup_index(group, groups) * 64u + local;
  @if(thread) let lane = 0u;
  @if(group) let row = workgroup_index(group, groups);
  @if(group) let lane = local;
  if (row >= params.rows) {
    return;
  }
  let start = row * params.size + lane;
  let end = (row + 1u) * params.size;
  let n = f32(params.size);
  var shift = 0.0;
  var mean = 0.0;
  if (params.rms == 0u) {
    shift = x[row * params.size];
    var sum = 0.0;
    for (var i = start; i < end; i += LANES) {
      sum += x[i] - shift;
    }
    mean = all_sum(vec2<f32>(sum, 0.0), local).x / n;
  }
  var moments = vec2<f32>(0.0, 0.0);
  for (var i = start; i < end; i += LANES) {
    let d = (x[i] - shift) - mean;
    moments += vec2<f32>(d, d * d);
  }
  moments = all_sum(moments, local) / n;
  var variance = moments.y;
  if (params.rms == 0u) {
    // What rounding left of the mean.
    mean += moments.x;
    variance = moments.y - moments.x * moments.x;
  }
  let rstd = rstd_of(variance, params.eps);
  if (lane == 0u) {
    stats[row] = vec4<f32>(shift, mean, rstd, variance);
  }
  for (var i = start; i < end; i += LANES) {
    let p = i / params.parameter_step % params.parameters;
    var value = ((x[i] - shift) - mean) * rstd;
    if (params.has_weight != 0u) {
      value *= weight[p];
    }
    if (params.has_bias != 0u) {
      value += bias[p];
    }
    y[i] = value;
  }
}
