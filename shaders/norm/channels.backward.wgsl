// dx of the channel normalizations, element by element of [outer, channels, inner]. With z = (x - mean) * rstd
//   batch statistics:   dx = weight * rstd * (dy - mean(dy) - z * mean(dy z)), the means from total / count
//   running statistics: dx = weight * rstd * dy
// With RELU dy counts as 0 where y is 0; RESIDUAL also gives that gradient as dresidual.
import package::lib::float::is_nan;
import package::lib::grid::workgroup_index;
import package::lib::norm::normalized;

/// Compile-time constant: what follows the normalization, and whether to add to dresidual.
const RELU = 0u;
const RESIDUAL = 0u;
const ACCUMULATE_RESIDUAL = 0u;

struct Params { n: u32, channels: u32, inner: u32, has_weight: u32, batch: u32, count: f32, accumulate: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> total: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read> y: array<f32>;
@group(0) @binding(7) var<storage, read_write> dx: array<f32>;
@group(0) @binding(8) var<storage, read_write> dresidual: array<f32>;

@compute @workgroup_size(64)
fn channels_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  let c = i / params.inner % params.channels;
  let kept = stats[c];
  var value = dy[i];
  if (RELU == 1u) {
    value = select(0.0, value, y[i] > 0.0 || is_nan(y[i]));
  }
  if (RESIDUAL == 1u) {
    if (ACCUMULATE_RESIDUAL == 1u) {
      dresidual[i] += value;
    } else {
      dresidual[i] = value;
    }
  }
  if (params.batch != 0u) {
    let means = total[c] / params.count;
    value -= means.x + normalized(x[i], kept) * means.y;
  }
  value *= kept.z;
  if (params.has_weight != 0u) {
    value *= weight[c];
  }
  if (params.accumulate != 0u) {
    dx[i] += value;
  } else {
    dx[i] = value;
  }
}
