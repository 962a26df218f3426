// y[n, (c, kh, kw), (oh, ow)] = x[n, c, oh * stride + kh * dilation - padding, ...], 0 in the padding: the windows of an
// image as columns. Bits are moved unchanged. One thread per element of y.
import package::lib::grid::workgroup_index;

struct Params {
  /// Batch times channels.
  planes: u32,
  /// Sizes as (rows, columns): the image, the windows that fit, and the attributes.
  size: vec2<u32>,
  out: vec2<u32>,
  kernel: vec2<u32>,
  stride: vec2<u32>,
  dilation: vec2<u32>,
  padding: vec2<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn unfold_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let row = i / params.out.y;
  let tap_row = row / params.out.x;
  let kw = tap_row % params.kernel.y;
  let kh = tap_row / params.kernel.y % params.kernel.x;
  let plane = tap_row / params.kernel.y / params.kernel.x;
  if (plane >= params.planes) {
    return;
  }
  // What lies before the first row or column wraps around, and so is outside, too.
  let h = row % params.out.x * params.stride.x + kh * params.dilation.x - params.padding.x;
  let w = i % params.out.y * params.stride.y + kw * params.dilation.y - params.padding.y;
  let inside = h < params.size.x && w < params.size.y;
  let at = (plane * params.size.x + h) * params.size.y + w;
  y[i] = select(0u, x[select(0u, at, inside)], inside);
}
