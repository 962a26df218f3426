// Sine, cosine and tangent to about two units in the last place for every float32. WGSL's own are off by 5e-4 beyond
// [-pi, pi]. NaN and infinity give NaN.
import package::lib::float::{is_inf, is_nan, nan};

/// The bits of 2 / pi behind the binary point, after 32 zeros.
const TWO_OVER_PI = array<u32, 8>(
  0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu,
);
/// pi / 2 * 2^31.
const HALF_PI_BITS = 0xc90fdaa2u;

/// An angle x = rest + quarter * pi / 2 (mod 2 pi) with |rest| <= pi / 4.
struct Angle {
  rest: f32,
  quarter: u32,
}

/// (high, low) words of a * b.
fn wide_product(a: u32, b: u32) -> vec2<u32> {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let low = a_low * b_low;
  let cross = a_high * b_low + (low >> 16u);
  let middle = a_low * b_high + (cross & 0xffffu);
  return vec2<u32>(a_high * b_high + (cross >> 16u) + (middle >> 16u), (middle << 16u) | (low & 0xffffu));
}

/// 32 bits of 2 / pi from bit `first` of the table on.
fn table_bits(first: u32) -> u32 {
  var table = TWO_OVER_PI;
  let shift = first & 31u;
  let word = table[first >> 5u];
  return (word << shift) | select(table[min((first >> 5u) + 1u, 7u)] >> (32u - shift), 0u, shift == 0u);
}

/// Payne-Hanek reduction in integers, so that no adapter's float arithmetic matters: of |x| * 2 / pi the two bits before
/// the binary point and 62 behind it.
fn angle_of(x: f32) -> Angle {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  if (bits <= 0x3f490fdau) {
    return Angle(x, 0u);
  }
  // |x| = mantissa * 2^(exponent - 150); table bits that only give multiples of 4 are left out.
  let mantissa = (bits & 0x7fffffu) | 0x800000u;
  let first = (bits >> 23u) - 120u;
  let low = wide_product(mantissa, table_bits(first + 64u)).x;
  let middle = wide_product(mantissa, table_bits(first + 32u));
  let sum = middle.y + low;
  let high = mantissa * table_bits(first) + middle.x + u32(sum < low);
  // The fraction of the quarter, from -1/2 to 1/2, as a sign and 64 bits.
  var quarter = high >> 30u;
  var fraction = vec2<u32>((high << 2u) | (sum >> 30u), sum << 2u);
  let above = (fraction.x >> 31u) == 1u;
  if (above) {
    quarter += 1u;
    fraction = vec2<u32>(~fraction.x + u32(fraction.y == 0u), ~fraction.y + 1u);
  }
  let zeros = min(countLeadingZeros(fraction.x), 31u);
  let leading = (fraction.x << zeros) | select(fraction.y >> (32u - zeros), 0u, zeros == 0u);
  let product = wide_product(leading, HALF_PI_BITS).x;
  let rest = f32(product) * bitcast<f32>((127u - 31u - zeros) << 23u);
  let negative = bitcast<u32>(x) >> 31u == 1u;
  return Angle(select(rest, -rest, above != negative), select(quarter, 0u - quarter, negative) & 3u);
}

/// (sin, cos) of |r| <= pi / 4 by their Taylor series.
fn sin_cos_near(r: f32) -> vec2<f32> {
  let s = r * r;
  let sine = r + r * s * (-1.0 / 6.0 + s * (1.0 / 120.0 + s * (-1.0 / 5040.0 + s / 362880.0)));
  let cosine = 1.0 + s * (-0.5 + s * (1.0 / 24.0 + s * (-1.0 / 720.0 + s * (1.0 / 40320.0 - s / 3628800.0))));
  return vec2<f32>(sine, cosine);
}

/// sin(x + turn * pi / 2).
fn sin_shifted(x: f32, turn: u32) -> f32 {
  if (is_nan(x) || is_inf(x)) {
    return nan();
  }
  let angle = angle_of(x);
  let near = sin_cos_near(angle.rest);
  let quarter = angle.quarter + turn;
  let value = select(near.x, near.y, (quarter & 1u) == 1u);
  return select(value, -value, (quarter & 2u) == 2u);
}

fn sin_precise(x: f32) -> f32 {
  return sin_shifted(x, 0u);
}

fn cos_precise(x: f32) -> f32 {
  return sin_shifted(x, 1u);
}

fn tan_precise(x: f32) -> f32 {
  if (is_nan(x) || is_inf(x)) {
    return nan();
  }
  let angle = angle_of(x);
  let near = sin_cos_near(angle.rest);
  return select(near.x / near.y, -near.y / near.x, (angle.quarter & 1u) == 1u);
}
