// What one thread of a convolution kernel computes in one step: products of a chunk of taps with blocks of four
// neighbouring columns. CPU adapters spend their time on loads and on values carried around loops, so the
// taps of a chunk are unrolled, share their inputs, and form small matrix products that stay in registers.
// Variant dense: four channels at once; quadShuffle: the same, of which each of four neighbouring threads of a
// subgroup reads one;
// depthwise: one, for groups with one channel on that side.

/// Taps of a chunk: 1, 2, 3, 4, 5 or 7. A compile-time constant, as is STRIDE.
const TAPS = 1u;
/// Distance between the inputs of neighbouring columns, 1 or 2, in units of that between neighbouring taps.
const STRIDE = 1u;

@if(!depthwise) const CHANNELS = 4u;
@if(depthwise) const CHANNELS = 1u;
/// Threads that exchange what they read.
@if(quadShuffle) const LANES = 4u;
@if(!quadShuffle) const LANES = 1u;

/// One index per channel that the thread reads.
@if(dense) alias Rows = vec4<u32>;
@if(!dense) alias Rows = u32;

/// One tap's weight per channel.
@if(!depthwise) alias Weight = vec4<f32>;
@if(depthwise) alias Weight = f32;

/// Results: a vector of four columns per channel.
@if(!depthwise) alias Sums = mat4x4<f32>;
@if(depthwise) alias Sums = vec4<f32>;

/// What a chunk reads for four columns: 3 * STRIDE + TAPS values, in the order of `Inputs`.
struct Window {
  a: vec4<f32>,
  b: vec4<f32>,
  c: vec4<f32>,
  d: f32,
}

/// The inputs of four columns, tap by tap; those of taps that are not there are not used.
struct Inputs {
  t0: vec4<f32>,
  t1: vec4<f32>,
  t2: vec4<f32>,
  t3: vec4<f32>,
  t4: vec4<f32>,
  t5: vec4<f32>,
  t6: vec4<f32>,
}

struct Weights {
  t0: Weight,
  t1: Weight,
  t2: Weight,
  t3: Weight,
  t4: Weight,
  t5: Weight,
  t6: Weight,
}

/// The columns of a window tap by tap: what follows the first block, or with a stride of 2 the first two, column by column.
fn inputs_of(w: Window) -> Inputs {
  if (STRIDE == 1u) {
    return Inputs(
      w.a,
      vec4<f32>(w.a.yzw, w.b.x),
      vec4<f32>(w.a.zw, w.b.xy),
      vec4<f32>(w.a.w, w.b.xyz),
      w.b,
      vec4<f32>(w.b.yzw, w.c.x),
      vec4<f32>(w.b.zw, w.c.xy),
    );
  }
  return Inputs(
    w.a,
    w.b,
    vec4<f32>(w.a.yzw, w.c.x),
    vec4<f32>(w.b.yzw, w.c.y),
    vec4<f32>(w.a.zw, w.c.xz),
    vec4<f32>(w.b.zw, w.c.yw),
    vec4<f32>(w.a.w, w.c.xz, w.d),
  );
}

/// The channels of the tile that starts at `first`; those behind `last` are computed as copies of it, not stored.
@if(dense) fn rows_of(first: u32, last: u32, lane: u32) -> Rows {
  return vec4<u32>(first, min(first + 1u, last), min(first + 2u, last), min(first + 3u, last));
}
@if(!dense) fn rows_of(first: u32, last: u32, lane: u32) -> Rows {
  return min(first + lane, last);
}

/// What the threads of a quad read for their channels: channel lane ^ i is the i-th.
@if(quadShuffle) fn gathered(own: f32) -> Weight {
  return vec4<f32>(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}
@if(depthwise) fn gathered(own: f32) -> Weight { return own; }

/// Extremes over the threads that exchange what they read.
@if(quadShuffle) fn least_of_lanes(own: u32) -> u32 {
  let pair = min(own, quadSwapX(own));
  return min(pair, quadSwapY(pair));
}
@if(quadShuffle) fn most_of_lanes(own: u32) -> u32 {
  let pair = max(own, quadSwapX(own));
  return max(pair, quadSwapY(pair));
}
@if(!quadShuffle) fn least_of_lanes(own: u32) -> u32 { return own; }
@if(!quadShuffle) fn most_of_lanes(own: u32) -> u32 { return own; }

/// The sums that start at one value per channel.
@if(!depthwise) fn sums_of(start: Weight) -> Sums {
  return mat4x4<f32>(vec4<f32>(start.x), vec4<f32>(start.y), vec4<f32>(start.z), vec4<f32>(start.w));
}
@if(depthwise) fn sums_of(start: Weight) -> Sums {
  return vec4<f32>(start);
}

/// sum over the taps of weight * input, for each channel and column.
@if(!depthwise) fn products(x: Inputs, w: Weights) -> Sums {
  if (TAPS == 2u) {
    return mat2x4<f32>(x.t0, x.t1) * transpose(mat2x4<f32>(w.t0, w.t1));
  }
  if (TAPS == 3u) {
    return mat3x4<f32>(x.t0, x.t1, x.t2) * transpose(mat3x4<f32>(w.t0, w.t1, w.t2));
  }
  if (TAPS == 4u) {
    return mat4x4<f32>(x.t0, x.t1, x.t2, x.t3) * transpose(mat4x4<f32>(w.t0, w.t1, w.t2, w.t3));
  }
  if (TAPS == 5u) {
    return mat3x4<f32>(x.t0, x.t1, x.t2) * transpose(mat3x4<f32>(w.t0, w.t1, w.t2)) +
      mat2x4<f32>(x.t3, x.t4) * transpose(mat2x4<f32>(w.t3, w.t4));
  }
  if (TAPS == 7u) {
    return mat4x4<f32>(x.t0, x.t1, x.t2, x.t3) * transpose(mat4x4<f32>(w.t0, w.t1, w.t2, w.t3)) +
      mat3x4<f32>(x.t4, x.t5, x.t6) * transpose(mat3x4<f32>(w.t4, w.t5, w.t6));
  }
  return mat4x4<f32>(w.t0.x * x.t0, w.t0.y * x.t0, w.t0.z * x.t0, w.t0.w * x.t0);
}
@if(depthwise) fn products(x: Inputs, w: Weights) -> Sums {
  var sums = w.t0 * x.t0;
  if (TAPS > 1u) { sums += w.t1 * x.t1; }
  if (TAPS > 2u) { sums += w.t2 * x.t2; }
  if (TAPS > 3u) { sums += w.t3 * x.t3; }
  if (TAPS > 4u) { sums += w.t4 * x.t4; }
  if (TAPS > 5u) { sums += w.t5 * x.t5 + w.t6 * x.t6; }
  return sums;
}

/// What a step adds to the sums of weight gradients: per tap, for each channel, the dot product of the inputs of
/// four columns with the gradients of the outputs there.
@if(!depthwise) fn dots(x: vec4<f32>, dy: Sums) -> Weight {
  return x * dy;
}
@if(depthwise) fn dots(x: vec4<f32>, dy: Sums) -> Weight {
  return dot(x, dy);
}

fn add_dots(sums: ptr<function, Weights>, x: Inputs, dy: Sums) {
  (*sums).t0 += dots(x.t0, dy);
  if (TAPS > 1u) { (*sums).t1 += dots(x.t1, dy); }
  if (TAPS > 2u) { (*sums).t2 += dots(x.t2, dy); }
  if (TAPS > 3u) { (*sums).t3 += dots(x.t3, dy); }
  if (TAPS > 4u) { (*sums).t4 += dots(x.t4, dy); }
  if (TAPS > 5u) {
    (*sums).t5 += dots(x.t5, dy);
    (*sums).t6 += dots(x.t6, dy);
  }
}
