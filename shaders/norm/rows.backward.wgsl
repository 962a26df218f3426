// dx of the row normalizations: with g = dy * weight and z = (x - mean) * rstd
//   dx = rstd * (g - mean(g) - z * mean(g z)), without mean(g) for `rms`.
// Rows, parameters and stats as in rows.forward.
// variants: thread group
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum2;
import package::lib::norm::normalized;

struct Params {
  rows: u32, size: u32, parameter_step: u32, parameters: u32,
  rms: u32, has_weight: u32, accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> stats: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

@if(thread) const LANES = 1u;
@if(group) const LANES = 64u;

@if(thread) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return value; }
@if(group) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return group_sum2(value, local); }

fn scaled_gradient(i: u32) -> f32 {
  if (params.has_weight == 0u) {
    return dy[i];
  }
  return dy[i] * weight[i / params.parameter_step % params.parameters];
}

@compute @workgroup_size(64)
fn rows_backward(
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
  let kept = stats[row];
  var means = vec2<f32>(0.0, 0.0);
  for (var i = start; i < end; i += LANES) {
    let g = scaled_gradient(i);
    means += vec2<f32>(g, g * normalized(x[i], kept));
  }
  means = all_sum(means, local) / f32(params.size);
  if (params.rms != 0u) {
    means.x = 0.0;
  }
  for (var i = start; i < end; i += LANES) {
    let value = kept.z * (scaled_gradient(i) - means.x - normalized(x[i], kept) * means.y);
    if (params.accumulate != 0u) {
      dx[i] += value;
    } else {
      dx[i] = value;
    }
  }
}
