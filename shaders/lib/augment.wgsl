// What the kernels of augmentation share. A program is one record of PROGRAM floats per stage: kind, fill mode, offset of
// the values per channel, margin; height and width before and after; then the stage's own numbers from ARGS on. What a
// stage draws for an image is one record of DRAWN words. The host side is src/train/augment/program.ts.
import package::lib::float::{is_nan, max_nan, min_nan};
import package::lib::philox::philox;
import package::lib::trigonometry::sin_cos_near;

// shared with the host
const PROGRAM = 20u;
const ARGS = 8u;
const DRAWN = 12u;
const HORIZONTAL_FLIP = 0u;
const VERTICAL_FLIP = 1u;
const CROP = 2u;
const RESIZED_CROP = 3u;
const AFFINE_MAP = 4u;
const RANGES = 5u;
const COLOR = 6u;
const NOISE = 7u;
const ERASE = 8u;
const NORMALIZE = 9u;
const NEAREST = 0u;
const CONSTANT = 1u;
const REFLECT = 2u;
const WRAP = 3u;
const BRIGHTNESS = 0u;
const CONTRAST = 1u;
const SATURATION = 2u;
const HUE = 3u;

/// Number of the stream that says with whom a sample is mixed, and how.
const MIX_STREAM = 255u;
/// The second image of a sample that is mixed draws from streams of its own.
const SECOND = 256u;
/// Draws of single pixels follow those of the whole image.
const PIXEL_DRAWS = 64u;
/// Keeps the words apart from those that dropout draws with the same seed.
const KEY = 0x41554730u;

/// Four words for an image: `sample` is its number in the data, `cycle` counts the passes through the data.
fn draw(seed: vec2<u32>, sample: u32, cycle: u32, stream: u32, index: u32) -> vec4<u32> {
  return philox(vec2<u32>(seed.x, seed.y ^ KEY), vec4<u32>(sample, cycle, stream, index));
}

/// Uniform in [0, 1).
fn unit(word: u32) -> f32 {
  return f32(word >> 8u) * 5.9604644775390625e-8;
}

/// (sin, cos) of an angle in turns.
fn sin_cos_turn(turns: f32) -> vec2<f32> {
  let quarter = floor(4.0 * turns + 0.5);
  let near = sin_cos_near((4.0 * turns - quarter) * 1.57079632679489662);
  let k = u32(i32(quarter) & 3);
  let swapped = select(near, near.yx, (k & 1u) == 1u);
  return vec2<f32>(
    select(swapped.x, -swapped.x, k >= 2u),
    select(swapped.y, -swapped.y, k == 1u || k == 2u),
  );
}

/// x clipped to 0..1; NaN stays.
fn saturated(x: vec3<f32>) -> vec3<f32> {
  return vec3<f32>(
    min_nan(max_nan(x.x, 0.0), 1.0),
    min_nan(max_nan(x.y, 0.0), 1.0),
    min_nan(max_nan(x.z, 0.0), 1.0),
  );
}

/// Luma of ITU-R BT.601 as torchvision rounds it.
fn luma(rgb: vec3<f32>) -> f32 {
  return 0.2989 * rgb.x + 0.587 * rgb.y + 0.114 * rgb.z;
}

/// Hue turned by `turn` of the whole circle, through HSV.
fn turn_hue(rgb: vec3<f32>, turn: f32) -> vec3<f32> {
  if (is_nan(rgb.x) || is_nan(rgb.y) || is_nan(rgb.z)) {
    return rgb;
  }
  let high = max(max(rgb.x, rgb.y), rgb.z);
  let range = high - min(min(rgb.x, rgb.y), rgb.z);
  let is_gray = range == 0.0;
  let away = (vec3<f32>(high) - rgb) / select(range, 1.0, is_gray);
  var sector = 4.0 + away.y - away.x;
  if (high == rgb.y) {
    sector = 2.0 + away.x - away.z;
  }
  if (high == rgb.x) {
    sector = away.z - away.y;
  }
  let around = sector / 6.0 + 1.0 + turn;
  let hue = (around - floor(around)) * 6.0;
  let saturation = range / select(high, 1.0, is_gray);
  let part = hue - floor(hue);
  let p = high * (1.0 - saturation);
  let q = high * (1.0 - saturation * part);
  let t = high * (1.0 - saturation * (1.0 - part));
  switch u32(hue) % 6u {
    case 0u: { return vec3<f32>(high, t, p); }
    case 1u: { return vec3<f32>(q, high, p); }
    case 2u: { return vec3<f32>(p, high, t); }
    case 3u: { return vec3<f32>(p, q, high); }
    case 4u: { return vec3<f32>(t, p, high); }
    default: { return vec3<f32>(high, p, q); }
  }
}

/// A place along an axis brought into [low, high] as a fill mode says; the middle of pixels lies at whole numbers.
fn inside(at: f32, low: f32, high: f32, mode: u32) -> f32 {
  if (mode == NEAREST || mode == CONSTANT) {
    return clamp(at, low, high);
  }
  let n = high - low + 1.0;
  // From the first pixel's edge on, in whole images.
  let edge = at - low + 0.5;
  let image = floor(edge / n);
  let rest = edge - image * n;
  let is_mirrored = mode == REFLECT && abs(image - 2.0 * floor(image / 2.0)) == 1.0;
  return low + select(rest, n - rest, is_mirrored) - 0.5;
}
