// What the kernels of row normalizations share. A row has `size` values: elements, in `vector` four of them at a time.

@if(vector) alias Value = vec4<f32>;
@if(!vector) alias Value = f32;

/// Elements per value, and values that the threads of a row take at a time.
@if(vector) const WIDTH = 4u;
@if(!vector) const WIDTH = 1u;
@if(group) const LANES = 64u;
@if(!group) const LANES = 1u;

// Compile-time constants: 1 for the root mean square instead of mean and variance; whether there is a weight; whether
// each element
// of a row has its own parameter (always in `vector`).
const RMS = 0u;
const HAS_WEIGHT = 0u;
const OWN_PARAMETERS = 1u;

fn first_of(value: Value) -> f32 {
  @if(vector) return value.x;
  @if(!vector) return value;
}

fn sum_of(value: Value) -> f32 {
  @if(vector) return dot(value, vec4<f32>(1.0));
  @if(!vector) return value;
}
