// How one invocation (or a workgroup of them, side by side) walks the elements of a channel of x [outer, channels,
// inner], without a division per element. In the variants that end in 4 an element is four neighbouring floats.

@if(thread || thread4) const LANES = 1u;
@if(group) const LANES = 64u;

@if(thread || group) alias Element = f32;
@if(thread4) alias Element = vec4<f32>;

/// The sum over an element.
@if(thread || group) fn total(e: Element) -> f32 { return e; }
@if(thread4) fn total(e: Element) -> f32 { return (e.x + e.y) + (e.z + e.w); }

/// The first float of an element.
@if(thread || group) fn first(e: Element) -> f32 { return e; }
@if(thread4) fn first(e: Element) -> f32 { return e.x; }

/// Elements of one long sum that are added up before they join it: keeps rounding errors small.
const RUN = 128u;

/// A place in a channel: the element's index in x, and its column in the current row of `inner` elements.
struct Place {
  at: u32,
  column: u32,
}

/// What a step of LANES elements moves a place by, before it wraps into the next row.
struct Stride {
  columns: u32,
  at: u32,
  /// From the end of a row to the start of the channel's next one.
  gap: u32,
  inner: u32,
}

fn stride_of(channels: u32, inner: u32) -> Stride {
  let rows = LANES / inner;
  let columns = LANES - rows * inner;
  return Stride(columns, rows * channels * inner + columns, (channels - 1u) * inner, inner);
}

fn place_of(channel: u32, channels: u32, inner: u32, lane: u32) -> Place {
  let row = lane / inner;
  let column = lane - row * inner;
  return Place((row * channels + channel) * inner + column, column);
}

fn advance(place: Place, stride: Stride) -> Place {
  let column = place.column + stride.columns;
  let wraps = column >= stride.inner;
  return Place(
    place.at + stride.at + select(0u, stride.gap, wraps),
    select(column, column - stride.inner, wraps),
  );
}
