// Which inputs a sampled position reads along one dimension, with which weights, and how these change with the grid's
// coordinate. After torch.nn.functional.grid_sample: coordinates from -1 to 1 over the image, its corners the middles of
// the corner pixels when `aligned`, else their outer corners.
import package::lib::float::{is_nan, nan};

const ZEROS = 0u;
const BORDER = 1u;
const REFLECTION = 2u;

/// Inputs that a position reads along a dimension.
@if(nearest) const TAPS = 1u;
@if(linear) const TAPS = 2u;
@if(cubic) const TAPS = 4u;

/// The inputs at which to read, -1 for those outside; their weights, and the derivatives of these by the coordinate. The
/// weights are NaN, and nothing is read, where the coordinate is.
struct Taps {
  at: vec4<i32>,
  weight: vec4<f32>,
  slope: vec4<f32>,
}

/// Of a dimension that images do not have.
fn no_axis() -> Taps {
  return Taps(vec4<i32>(0, -1, -1, -1), vec4<f32>(1.0, 0.0, 0.0, 0.0), vec4<f32>());
}

/// Whether a position is nowhere: one of its coordinates is NaN.
fn is_lost(columns: Taps, rows: Taps, depths: Taps) -> bool {
  return is_nan(columns.weight.x) || is_nan(rows.weight.x) || is_nan(depths.weight.x);
}

/// Where a coordinate lies in pixels, and the pixels per unit.
fn in_pixels(coordinate: f32, size: u32, aligned: u32) -> vec2<f32> {
  let n = f32(size);
  if (aligned != 0u) {
    return vec2<f32>(0.5 * (coordinate + 1.0) * (n - 1.0), 0.5 * (n - 1.0));
  }
  return vec2<f32>(0.5 * ((coordinate + 1.0) * n - 1.0), 0.5 * n);
}

/// A position brought inside by the padding, and the derivative.
@if(nearest || linear) fn padded(x: f32, size: u32, padding: u32, aligned: u32) -> vec2<f32> {
  let last = f32(size) - 1.0;
  if (padding == ZEROS) {
    return vec2<f32>(clamp(x, -2.0, last + 2.0), 1.0);
  }
  var place = x;
  var slope = 1.0;
  if (padding == REFLECTION) {
    // Reflected at the outer middles or edges, which are `span` apart.
    let low = select(-0.5, 0.0, aligned != 0u);
    let span = select(last + 1.0, last, aligned != 0u);
    if (span <= 0.0) {
      return vec2<f32>(0.0);
    }
    let from_low = abs(x - low);
    let flips = floor(from_low / span);
    let rest = from_low - flips * span;
    let odd = flips - 2.0 * floor(0.5 * flips) == 1.0;
    place = low + select(rest, span - rest, odd);
    slope = select(1.0, -1.0, (x < low) != odd);
  }
  // As in PyTorch the slope at the border itself is 0.
  let inside = place > 0.0 && place < last;
  return vec2<f32>(clamp(place, 0.0, last), select(0.0, slope, inside));
}

/// The input of a tap that may be outside; -1 where zeros are.
@if(cubic) fn padded_tap(i: i32, size: u32, padding: u32, aligned: u32) -> i32 {
  let n = i32(size);
  if (padding == ZEROS) {
    return select(-1, i, i >= 0 && i < n);
  }
  if (padding == BORDER) {
    return clamp(i, 0, n - 1);
  }
  if (aligned != 0u) {
    let period = max(2 * (n - 1), 1);
    let rest = abs(i) % period;
    return min(rest, period - rest) * i32(n > 1);
  }
  let rest = ((i % (2 * n)) + 2 * n) % (2 * n);
  return min(rest, 2 * n - 1 - rest);
}

@if(nearest) fn taps_of(coordinate: f32, size: u32, padding: u32, aligned: u32) -> Taps {
  let pixels = in_pixels(coordinate, size, aligned);
  let place = padded(pixels.x, size, padding, aligned).x;
  if (is_nan(coordinate) || is_nan(place)) {
    return Taps(vec4<i32>(-1), vec4<f32>(nan()), vec4<f32>());
  }
  let i = i32(round(place));
  return Taps(vec4<i32>(select(-1, i, i >= 0 && i < i32(size)), -1, -1, -1), vec4<f32>(1.0), vec4<f32>());
}

@if(linear) fn taps_of(coordinate: f32, size: u32, padding: u32, aligned: u32) -> Taps {
  let pixels = in_pixels(coordinate, size, aligned);
  let place = padded(pixels.x, size, padding, aligned);
  if (is_nan(coordinate) || is_nan(place.x)) {
    return Taps(vec4<i32>(-1), vec4<f32>(nan()), vec4<f32>());
  }
  let low = floor(place.x);
  let fraction = place.x - low;
  let slope = place.y * pixels.y;
  let i = i32(low);
  let n = i32(size);
  return Taps(
    vec4<i32>(select(-1, i, i >= 0 && i < n), select(-1, i + 1, i + 1 >= 0 && i + 1 < n), -1, -1),
    vec4<f32>(1.0 - fraction, fraction, 0.0, 0.0),
    vec4<f32>(-slope, slope, 0.0, 0.0),
  );
}

/// Keys' cubic convolution with A = -0.75 at the distances 1 + t, t, 1 - t and 2 - t.
@if(cubic) fn taps_of(coordinate: f32, size: u32, padding: u32, aligned: u32) -> Taps {
  let pixels = in_pixels(coordinate, size, aligned);
  if (is_nan(pixels.x)) {
    return Taps(vec4<i32>(-1), vec4<f32>(nan()), vec4<f32>());
  }
  let x = clamp(pixels.x, -8388608.0, 8388608.0);
  let low = floor(x);
  let t = x - low;
  let u = 1.0 - t;
  let a = -0.75;
  let weight = vec4<f32>(
    a * t * u * u,
    ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0,
    ((a + 2.0) * u - (a + 3.0)) * u * u + 1.0,
    a * u * t * t,
  );
  let slope = vec4<f32>(
    a * u * (u - 2.0 * t),
    (3.0 * (a + 2.0) * t - 2.0 * (a + 3.0)) * t,
    -(3.0 * (a + 2.0) * u - 2.0 * (a + 3.0)) * u,
    a * t * (2.0 * u - t),
  );
  let i = i32(low);
  return Taps(
    vec4<i32>(
      padded_tap(i - 1, size, padding, aligned),
      padded_tap(i, size, padding, aligned),
      padded_tap(i + 1, size, padding, aligned),
      padded_tap(i + 2, size, padding, aligned),
    ),
    weight,
    slope * pixels.y,
  );
}
