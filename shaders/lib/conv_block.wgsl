// The block of channels that one thread of a convolution kernel computes: four (variant dense), or one (variant
// depthwise, for groups with one channel on that side).

@if(dense) alias Block = vec4<f32>;
@if(depthwise) alias Block = f32;

/// One index per channel of a block.
@if(dense) alias Rows = vec4<u32>;
@if(depthwise) alias Rows = u32;

@if(dense) const CHANNELS = 4u;
@if(depthwise) const CHANNELS = 1u;

/// The channels of the block that starts at `first`; those behind `last` are computed as copies of it, not stored.
@if(dense) fn rows_of(first: u32, last: u32) -> Rows {
  return vec4<u32>(first, min(first + 1u, last), min(first + 2u, last), min(first + 3u, last));
}
@if(depthwise) fn rows_of(first: u32, last: u32) -> Rows {
  return min(first, last);
}
