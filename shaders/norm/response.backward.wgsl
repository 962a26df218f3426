// dx of the local response normalization, one thread per element of [batch, channels, inner]:
//   dx[c] = dy[c] d[c]^-beta - 2 alpha beta / size * x[c] * sum over j of dy[j] x[j] d[j]^(-beta - 1)
// over the channels j whose window holds c: from c - (size - 1) / 2 to c + size / 2.
// rounds: min(size, channels)
import package::lib::float::pow_nan;
import package::lib::grid::workgroup_index;

struct Params { n: u32, channels: u32, inner: u32, size: u32, alpha: f32, beta: f32, accumulate: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> d: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn response_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  let c = i / params.inner % params.channels;
  let before = min(c, (params.size - 1u) / 2u);
  let behind = min(params.channels - 1u - c, params.size / 2u);
  let end = i + behind * params.inner;
  var sum = 0.0;
  for (var j = i - before * params.inner; j <= end; j += params.inner) {
    sum += dy[j] * x[j] * pow_nan(d[j], -params.beta - 1.0);
  }
  let slope = 2.0 * params.alpha * params.beta / f32(params.size);
  let value = dy[i] * pow_nan(d[i], -params.beta) - slope * x[i] * sum;
  if (params.accumulate != 0u) {
    dx[i] += value;
  } else {
    dx[i] = value;
  }
}
