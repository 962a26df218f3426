// The geometry that the convolution kernels share. Spatial sizes are (depth, height, width); convolutions with fewer
// dimensions have leading sizes of 1. x is [batch, channels, size], weight [out_channels, group_in, kernel],
// y [batch, out_channels, out]. The host side is src/ops/conv/kernels.ts.

struct Conv {
  size: vec3<u32>,
  channels: u32,
  out: vec3<u32>,
  out_channels: u32,
  kernel: vec3<u32>,
  /// Input channels of one group.
  group_in: u32,
  stride: vec3<u32>,
  /// Output channels of one group.
  group_out: u32,
  dilation: vec3<u32>,
  batch: u32,
  /// Zeros before the first element.
  padding: vec3<u32>,
  /// 1 when there is a bias.
  bias: u32,
  /// stride / gcd(stride, dilation): every so many taps, a tap reads the same phase of the input.
  step: vec3<u32>,
  /// 1 when results are added to what the output holds.
  accumulate: u32,
}

/// The taps from .x to below .y whose positions start + tap * dilation lie in [0, size).
fn taps_inside(start: i32, dilation: u32, size: u32, taps: u32) -> vec2<u32> {
  let d = i32(dilation);
  let first = max(0, (d - 1 - start) / d);
  let end = clamp((i32(size) - start + d - 1) / d, 0, i32(taps));
  return vec2<u32>(u32(first), u32(end));
}

/// The first tap, and the tap to stop before, of those by which an output position reaches position `at` of the
/// padded input: at = position * stride + tap * dilation with 0 <= position < out. They are `step` apart.
fn taps_reaching(at: u32, stride: u32, dilation: u32, step: u32, out: u32, taps: u32) -> vec2<u32> {
  var first = 0u;
  while (first < step && (first * dilation) % stride != at % stride) {
    first++;
  }
  let end = select(0u, min(taps, at / dilation + 1u), first < step);
  // Earlier taps would need positions behind the last one.
  if (at >= out * stride) {
    let least = (at - out * stride) / dilation + 1u;
    first += (max(least, first) - first + step - 1u) / step * step;
  }
  return vec2<u32>(first, end);
}
