// Combines the chunks of channels.partial to the statistics (shift, mean - shift, rstd, variance) of each channel, by
// the formula of Chan, Golub and LeVeque for the sum of squared deviations. `tracked` also moves the running statistics
// in place: (1 - momentum) * running + momentum * new, the variance being the unbiased one. One thread per channel.
// rounds: 2 * chunks
// variants: tracked untracked
import package::lib::grid::workgroup_index;
import package::lib::norm::rstd_of;

struct Params {
  channels: u32, inner: u32, chunks: u32, eps: f32,
  @if(tracked) momentum: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> moments: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> stats: array<vec4<f32>>;
@if(tracked) @group(0) @binding(4) var<storage, read_write> running_mean: array<f32>;
@if(tracked) @group(0) @binding(5) var<storage, read_write> running_var: array<f32>;

@compute @workgroup_size(64)
fn channels_finish(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let c = workgroup_index(group, groups) * 64u + local;
  if (c >= params.channels) {
    return;
  }
  var count = 0.0;
  var sum = 0.0;
  for (var chunk = 0u; chunk < params.chunks; chunk++) {
    let part = moments[chunk * params.channels + c];
    count += part.x;
    sum += part.y;
  }
  let mean = sum / count;
  var square = 0.0;
  for (var chunk = 0u; chunk < params.chunks; chunk++) {
    let part = moments[chunk * params.channels + c];
    let d = part.y / max(part.x, 1.0) - mean;
    square += part.z + part.x * d * d;
  }
  let shift = x[c * params.inner];
  let variance = square / count;
  stats[c] = vec4<f32>(shift, mean, rstd_of(variance, params.eps), variance);
  @if(tracked) {
    let keep = 1.0 - params.momentum;
    running_mean[c] = keep * running_mean[c] + params.momentum * (shift + mean);
    running_var[c] = keep * running_var[c] + params.momentum * (square / (count - 1.0));
  }
}
