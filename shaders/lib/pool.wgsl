// Windows of pooling along one dimension. Variant strided: window q covers q * stride - padding + tap * dilation;
// variant adaptive: it covers [floor(q * size / out), ceil((q + 1) * size / out)). Spatial sizes are (depth, height,
// width), with leading sizes of 1 for pooling in fewer dimensions. The host side is src/ops/pool/window.ts.

struct Pool {
  size: vec3<u32>,
  /// Batch times channels.
  planes: u32,
  out: vec3<u32>,
  /// 1 when gradients are added to what the output holds.
  accumulate: u32,
  kernel: vec3<u32>,
  /// What average pooling divides by (lib/pool_divisor.wgsl).
  count: u32,
  stride: vec3<u32>,
  dilation: vec3<u32>,
  padding: vec3<u32>,
}

/// The position of a thread in a volume: (plane, depth, row, column).
fn position_of(index: u32, size: vec3<u32>) -> vec4<u32> {
  let line = index / size.z;
  let slice = line / size.y;
  return vec4<u32>(slice / size.x, slice % size.x, line % size.y, index % size.z);
}

/// The first position of window q inside the input (.x) and the end of the window or of the input (.y), with the
/// dilation between positions.
@if(strided) fn window(pool: Pool, dim: u32, q: u32) -> vec2<u32> {
  let dilation = pool.dilation[dim];
  let start = i32(q * pool.stride[dim]) - i32(pool.padding[dim]);
  let end = start + i32((pool.kernel[dim] - 1u) * dilation) + 1;
  let skipped = (max(-start, 0) + i32(dilation) - 1) / i32(dilation);
  return vec2<u32>(u32(start + skipped * i32(dilation)), u32(clamp(end, 0, i32(pool.size[dim]))));
}
@if(adaptive) fn window(pool: Pool, dim: u32, q: u32) -> vec2<u32> {
  let size = pool.size[dim];
  let out = pool.out[dim];
  return vec2<u32>(q * size / out, ((q + 1u) * size + out - 1u) / out);
}

/// The windows from .x to below .y are all that may cover position i (with dilation they may also step over it).
@if(strided) fn windows_over(pool: Pool, dim: u32, i: u32) -> vec2<u32> {
  let stride = pool.stride[dim];
  let at = i + pool.padding[dim];
  let reach = (pool.kernel[dim] - 1u) * pool.dilation[dim];
  return vec2<u32>((max(at, reach) - reach + stride - 1u) / stride, min(at / stride + 1u, pool.out[dim]));
}
@if(adaptive) fn windows_over(pool: Pool, dim: u32, i: u32) -> vec2<u32> {
  let size = pool.size[dim];
  let out = pool.out[dim];
  return vec2<u32>(i * out / size, ((i + 1u) * out + size - 1u) / size);
}
