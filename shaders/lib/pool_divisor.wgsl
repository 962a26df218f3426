// What average pooling divides the sum over a window by.
import package::lib::pool::{Pool, window};

/// `count` says what to count: 0 the positions inside the input, PADDED also those in the padding (but not those
/// beyond it, where ceilMode lets a window reach); any other value is the divisor plus 1.
const PADDED = 1u;

fn extent(pool: Pool, dim: u32, q: u32, count: u32) -> u32 {
  if (count == PADDED) {
    let start = q * pool.stride[dim];
    return min(pool.kernel[dim], pool.size[dim] + 2u * pool.padding[dim] - start);
  }
  let range = window(pool, dim, q);
  return range.y - range.x;
}

/// The divisor of window q.
fn divisor(pool: Pool, q: vec3<u32>, count: u32) -> f32 {
  if (count > PADDED) {
    return f32(count - 1u);
  }
  return f32(extent(pool, 0u, q.x, count) * extent(pool, 1u, q.y, count) * extent(pool, 2u, q.z, count));
}
