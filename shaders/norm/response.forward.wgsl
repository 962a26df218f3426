// Local response normalization of x [batch, channels, inner]: y[c] = x[c] / d[c]^beta with
// d[c] = k + alpha / size * (sum of x[j]^2 over channels j from c - size / 2 to c + (size - 1) / 2 that exist).
// d is kept for the backward. One thread per element.
// rounds: min(size, channels)
import package::lib::float::pow_nan;
import package::lib::grid::workgroup_index;

struct Params { n: u32, channels: u32, inner: u32, size: u32, alpha: f32, beta: f32, k: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> d: array<f32>;

@compute @workgroup_size(64)
fn response_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  let c = i / params.inner % params.channels;
  let before = min(c, params.size / 2u);
  let behind = min(params.channels - 1u - c, (params.size - 1u) / 2u);
  let end = i + behind * params.inner;
  var squares = 0.0;
  for (var j = i - before * params.inner; j <= end; j += params.inner) {
    squares += x[j] * x[j];
  }
  let divisor = params.k + params.alpha / f32(params.size) * squares;
  d[i] = divisor;
  y[i] = x[i] * pow_nan(divisor, -params.beta);
}
