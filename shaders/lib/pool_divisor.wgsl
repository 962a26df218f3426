// What average pooling divides the sum over a window by: the number of its positions, or a given number.
import package::lib::pool::{Pool, window};

/// `count` says what to count: 0 the positions inside the input, PADDED also those in the padding (but not those
/// beyond it, where ceilMode lets a window reach); any other value is the divisor plus 1.
const PADDED = 1u;

/// The positions of window q along one dimension that count.
fn extent(pool: Pool, dim: u32, q: u32) -> u32 {
  let range = window(pool, dim, q);
  @if(adaptive) {
    return range.y - range.x;
  }
  @if(strided) {
    let end = range.x + pool.kernel[dim];
    let padded = min(end + pool.padding[dim], range.y + 2u * pool.padding[dim]) - (range.x + pool.padding[dim]);
    let start = i32(range.x);
    let inside = u32(min(i32(end), i32(range.y)) - max(start, 0));
    return select(inside, padded, pool.count == PADDED);
  }
}

/// The divisor from the extents of a window along the three dimensions.
fn divisor(pool: Pool, extents: u32) -> f32 {
  return f32(select(extents, pool.count - 1u, pool.count > PADDED));
}
