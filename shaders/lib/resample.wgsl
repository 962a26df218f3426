// Which inputs an output position of `interpolate` reads, along one dimension. Positions are computed in float32, as in
// PyTorch: a nearest neighbour may hang on that rounding.

/// One dimension: `size` inputs, `out` outputs, and the distance between the inputs of neighbouring outputs.
struct Axis {
  size: u32,
  out: u32,
  scale: f32,
}

/// The inputs that an output lies between, and how far it is from the first to the second (from 0 to 1).
struct Between {
  low: u32,
  high: u32,
  fraction: f32,
}

@if(nearest) fn between(axis: Axis, aligned: u32, q: u32) -> Between {
  // Here `aligned` says that positions are the middles of pixels (nearest-exact).
  let low = min(u32((f32(q) + select(0.0, 0.5, aligned != 0u)) * axis.scale), axis.size - 1u);
  return Between(low, low, 0.0);
}
@if(linear) fn between(axis: Axis, aligned: u32, q: u32) -> Between {
  let at = select(max((f32(q) + 0.5) * axis.scale - 0.5, 0.0), f32(q) * axis.scale, aligned != 0u);
  let low = min(u32(at), axis.size - 1u);
  return Between(low, min(low + 1u, axis.size - 1u), min(at - f32(low), 1.0));
}

/// The outputs from .x to below .y are all that may read input i; a few more for what rounding does.
fn readers(axis: Axis, i: u32) -> vec2<u32> {
  let all_after = i + 1u >= axis.size || axis.scale == 0.0;
  let none_before = i == 0u || axis.scale == 0.0;
  let first = floor((f32(i) - 1.0) / axis.scale) - 2.0;
  let last = ceil((f32(i) + 2.0) / axis.scale) + 2.0;
  return vec2<u32>(
    select(u32(max(first, 0.0)), 0u, none_before),
    select(u32(min(last, f32(axis.out))), axis.out, all_after),
  );
}

/// The share of input i in what lies between two inputs.
fn share(place: Between, i: u32) -> f32 {
  return select(0.0, 1.0 - place.fraction, place.low == i) + select(0.0, place.fraction, place.high == i);
}
