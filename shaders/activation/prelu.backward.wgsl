// For y = prelu(x): dx = dy above 0, else weight * dy (variant input), and the gradient of the weight before it is
// summed over all but the channels, dv = 0 above 0, else x * dy (variant weight). Shapes as in prelu.forward.wgsl.
// rounds: ceil(n / threads) + 1
// variants: input weight
import package::lib::grid::workgroup_range;

struct Params {
  n: u32,
  @if(input) channels: u32,
  @if(input) inner: u32,
  @if(input) accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@if(input) @group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@if(input) @group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@if(weight) @group(0) @binding(5) var<storage, read_write> dv: array<f32>;

@compute @workgroup_size(64)
fn prelu_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let v = x[i];
    let d = dy[i];
    @if(weight) dv[i] = select(v * d, 0.0, v > 0.0);
    @if(input) {
      let value = select(d * weight[i / params.inner % params.channels], d, v > 0.0);
      if (params.accumulate != 0u) {
        dx[i] += value;
      } else {
        dx[i] = value;
      }
    }
  }
}
