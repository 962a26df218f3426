// Statistics (shift, mean - shift, rstd, variance) of each channel from running ones, for evaluation.
import package::lib::grid::workgroup_index;
import package::lib::norm::rstd_of;

struct Params { channels: u32, eps: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> running_mean: array<f32>;
@group(0) @binding(2) var<storage, read> running_var: array<f32>;
@group(0) @binding(3) var<storage, read_write> stats: array<vec4<f32>>;

@compute @workgroup_size(64)
fn channels_running(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let c = workgroup_index(group, groups) * 64u + local;
  if (c < params.channels) {
    stats[c] = vec4<f32>(running_mean[c], 0.0, rstd_of(running_var[c], params.eps), running_var[c]);
  }
}
