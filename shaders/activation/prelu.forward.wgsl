// y = x above 0, else weight * x. x and y are [outer, channels, inner] with n elements; weight has `channels`
// elements, or one for all (channels = 1, inner = n).
// rounds: ceil(n / threads) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, channels: u32, inner: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn prelu_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let v = x[i];
    y[i] = select(v * weight[i / params.inner % params.channels], v, v > 0.0);
  }
}
