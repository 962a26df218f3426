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
  /// Distance in a row that is read between the inputs of neighbouring taps of a chunk.
  spacing: u32,
  /// Parts of the sum over batch and space that the weight gradient is split into.
  slices: u32,
}

/// The first of the taps that reach position `at` of the padded input from some output, at = q * stride + tap *
/// dilation; the others follow every `step` taps. `step` when there is none.
fn first_tap(at: u32, stride: u32, dilation: u32, step: u32) -> u32 {
  let phase = at % stride;
  var tap = 0u;
  while (tap < step && (tap * dilation) % stride != phase) {
    tap++;
  }
  return tap;
}
