// y = f((x - mean) * rstd * weight + bias + residual) with statistics per channel, element by element of [outer,
// channels, inner]; f(v) = v or max(v, 0) (RELU), residual if there is one.
import package::lib::activation::relu;
import package::lib::grid::workgroup_index;
import package::lib::norm::normalized;

/// Compile-time constant: what follows the normalization.
const RELU = 0u;
const RESIDUAL = 0u;

struct Params { n: u32, channels: u32, inner: u32, has_weight: u32, has_bias: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn channels_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  let c = i / params.inner % params.channels;
  var value = normalized(x[i], stats[c]);
  if (params.has_weight != 0u) {
    value *= weight[c];
  }
  if (params.has_bias != 0u) {
    value += bias[c];
  }
  if (RESIDUAL == 1u) {
    value += residual[i];
  }
  if (RELU == 1u) {
    value = relu(value);
  }
  y[i] = value;
}
