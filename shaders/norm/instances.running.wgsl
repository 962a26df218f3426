// Running statistics of instance normalization, in place: they move by the mean over the samples of the statistics
// (shift, mean - shift, rstd, variance) [batch, channels], the variance being the unbiased one of `count` values.
// rounds: batch
import package::lib::grid::workgroup_index;

struct Params { batch: u32, channels: u32, count: f32, momentum: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stats: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> running_var: array<f32>;

@compute @workgroup_size(64)
fn instances_running(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let c = workgroup_index(group, groups) * 64u + local;
  if (c >= params.channels) {
    return;
  }
  var sum = vec2<f32>(0.0, 0.0);
  for (var n = 0u; n < params.batch; n++) {
    let instance = stats[n * params.channels + c];
    sum += vec2<f32>(instance.x + instance.y, instance.w);
  }
  sum /= f32(params.batch);
  let keep = 1.0 - params.momentum;
  running_mean[c] = keep * running_mean[c] + params.momentum * sum.x;
  running_var[c] = keep * running_var[c] + params.momentum * sum.y * params.count / (params.count - 1.0);
}
