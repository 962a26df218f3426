// Division of floats by integer arithmetic on mantissa and exponent: exact remainders for any quotient, and quotients that
// are rounded once. WGSL's a / b may be off by 2.5 units in the last place, and so may give 2.9999998 for 6 / 2.
import package::lib::float::{is_inf, is_nan, nan};

/// (mantissa, exponent) of a finite |x| = mantissa * 2^(exponent - 150).
fn float_parts(x: f32) -> vec2<u32> {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let exponent = bits >> 23u;
  return select(vec2<u32>((bits & 0x7fffffu) | 0x800000u, exponent), vec2<u32>(bits, 1u), exponent == 0u);
}

/// The float of |x|'s bits with the sign bit of `like`.
fn with_sign(bits: u32, like: u32) -> f32 {
  return bitcast<f32>(bits | (like & 0x80000000u));
}

/// C's fmod: what is left of x after whole multiples of y, with the sign of x. Exact: long division, 8 bits at a time.
fn fmod_precise(x: f32, y: f32) -> f32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  let b = bitcast<u32>(y) & 0x7fffffffu;
  if (a >= 0x7f800000u || b > 0x7f800000u || b == 0u) {
    return nan();
  }
  if (a < b) {
    return x;
  }
  let dividend = float_parts(x);
  let divisor = float_parts(y);
  var rest = dividend.x % divisor.x;
  for (var shift = dividend.y - divisor.y; shift > 0u; shift -= min(shift, 8u)) {
    rest = (rest << min(shift, 8u)) % divisor.x;
  }
  // Normalized as far as the smallest exponent allows.
  let up = min(countLeadingZeros(rest) - 8u, divisor.y - 1u);
  let mantissa = rest << up;
  let exponent = select(0u, divisor.y - up, mantissa >= 0x800000u);
  return with_sign((exponent << 23u) | (mantissa & 0x7fffffu), bitcast<u32>(x));
}

/// Whether a remainder has the other sign than its divisor; by its bits, for numbers that an adapter takes for 0.
fn is_beyond(rest: f32, y: f32) -> bool {
  let bits = bitcast<u32>(rest);
  return (bits & 0x7fffffffu) != 0u && ((bits ^ bitcast<u32>(y)) >> 31u) == 1u;
}

/// The remainder with the sign of y, as Python's %.
fn remainder_precise(x: f32, y: f32) -> f32 {
  let rest = fmod_precise(x, y);
  return select(rest, rest + y, !is_nan(rest) && is_beyond(rest, y));
}

/// x / y rounded to the nearest float, ties to even; results below the smallest normal number become 0.
fn divide_precise(x: f32, y: f32) -> f32 {
  let sign_bit = bitcast<u32>(x) ^ bitcast<u32>(y);
  if (is_nan(x) || is_nan(y) || is_inf(x) || is_inf(y) || y == 0.0 || x == 0.0) {
    return special_quotient(x, y, sign_bit);
  }
  var a = float_parts(x);
  var b = float_parts(y);
  let a_up = countLeadingZeros(a.x) - 8u;
  let b_up = countLeadingZeros(b.x) - 8u;
  a.x <<= a_up;
  b.x <<= b_up;
  // floor(a / b * 2^26), whose last two or three bits round.
  var quotient = a.x / b.x;
  var rest = a.x % b.x;
  for (var done = 0u; done < 26u; done += 8u) {
    let bits = min(8u, 26u - done);
    rest <<= bits;
    quotient = (quotient << bits) | (rest / b.x);
    rest %= b.x;
  }
  let drop = select(2u, 3u, quotient >= 0x4000000u);
  let half = 1u << (drop - 1u);
  let below = quotient & ((1u << drop) - 1u);
  quotient >>= drop;
  let up = below > half || (below == half && (rest != 0u || (quotient & 1u) == 1u));
  quotient += u32(up);
  // Rounding may carry into the next power of two, which adds 1 to the exponent by itself.
  let exponent = i32(a.y) - i32(a_up) - i32(b.y) + i32(b_up) + 124 + i32(drop);
  if (exponent >= 255) {
    return with_sign(0x7f800000u, sign_bit);
  }
  if (exponent <= 0) {
    return with_sign(0u, sign_bit);
  }
  let magnitude = min((u32(exponent) << 23u) + (quotient - 0x800000u), 0x7f800000u);
  return with_sign(magnitude, sign_bit);
}

/// x / y where one of them is NaN, infinite or 0.
fn special_quotient(x: f32, y: f32, sign_bit: u32) -> f32 {
  if (is_nan(x) || is_nan(y) || (is_inf(x) && is_inf(y)) || (x == 0.0 && y == 0.0)) {
    return nan();
  }
  return with_sign(select(0u, 0x7f800000u, is_inf(x) || y == 0.0), sign_bit);
}

/// floor(x / y) through the remainder, as Python's //: x / y may round up to the next whole number. NaN for infinite x.
fn floor_divide_precise(x: f32, y: f32) -> f32 {
  if (y == 0.0) {
    return divide_precise(x, y);
  }
  let rest = fmod_precise(x, y);
  if (is_nan(rest)) {
    return rest;
  }
  let quotient = round(divide_precise(x - rest, y));
  return select(quotient, quotient - 1.0, is_beyond(rest, y));
}
