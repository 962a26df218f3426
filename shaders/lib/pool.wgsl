// Windows of pooling along one dimension. Variant strided: window q covers q * stride - padding + tap * dilation;
// variant adaptive: it covers [floor(q * size / out), ceil((q + 1) * size / out)), with stride and dilation 1. Spatial
// sizes are (depth, height, width), with leading sizes of 1 for pooling in fewer dimensions. A thread works on four
// neighbouring columns, which share rows and depths. The host side is src/ops/pool/window.ts.

struct Pool {
  size: vec3<u32>,
  /// Batch times channels.
  planes: u32,
  out: vec3<u32>,
  /// What average pooling divides by (lib/pool_divisor.wgsl).
  count: u32,
  /// Taps of a window; for adaptive windows the most that one has.
  kernel: vec3<u32>,
  stride: vec3<u32>,
  dilation: vec3<u32>,
  padding: vec3<u32>,
  /// The part of each window (backward: of the windows over a strip) that this dispatch goes over: its first tap, and how
  /// many there are along each dimension. Large windows take several dispatches.
  first: vec3<u32>,
  taps: vec3<u32>,
}

/// Four neighbouring columns of a volume: plane, depth, row and first column.
fn strip_of(index: u32, size: vec3<u32>) -> vec4<u32> {
  let across = (size.z + 3u) / 4u;
  let line = index / across;
  let slice = line / size.y;
  let plane = slice / size.x;
  return vec4<u32>(plane, slice - plane * size.x, line - slice * size.y, (index - line * across) * 4u);
}

/// The first position of window q (wrapped around if in the padding) and the end of the positions that count.
@if(strided) fn window(pool: Pool, dim: u32, q: u32) -> vec2<u32> {
  return vec2<u32>(q * pool.stride[dim] - pool.padding[dim], pool.size[dim]);
}
@if(adaptive) fn window(pool: Pool, dim: u32, q: u32) -> vec2<u32> {
  let size = pool.size[dim];
  let out = pool.out[dim];
  return vec2<u32>(q * size / out, ((q + 1u) * size + out - 1u) / out);
}

/// The windows from .x to below .y are all that may cover one of the positions first to last (with dilation they may
/// also step over it).
@if(strided) fn windows_over(pool: Pool, dim: u32, first: u32, last: u32) -> vec2<u32> {
  if (pool.size[dim] == 1u && pool.out[dim] == 1u) {
    return vec2<u32>(0u, 1u);
  }
  let stride = pool.stride[dim];
  let padding = pool.padding[dim];
  let reach = (pool.kernel[dim] - 1u) * pool.dilation[dim];
  let begin = (max(first + padding, reach) - reach + stride - 1u) / stride;
  return vec2<u32>(begin, min((last + padding) / stride + 1u, pool.out[dim]));
}
@if(adaptive) fn windows_over(pool: Pool, dim: u32, first: u32, last: u32) -> vec2<u32> {
  let size = pool.size[dim];
  let out = pool.out[dim];
  return vec2<u32>(first * out / size, min(((last + 1u) * out + size - 1u) / size, out));
}
