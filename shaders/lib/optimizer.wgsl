// What the optimizers' kernels share. Parameters and optimizer state are laid out in blocks of 64 floats (256 bytes). A run
// of them lies in one piece (variant contiguous), or its blocks are listed: parameter block and state block (indexed).
import package::lib::grid::workgroup_range;

// shared with the host
/// Vectors of a block.
const BLOCK = 16u;

@if(indexed) @group(0) @binding(7) var<storage, read> blocks: array<vec2<u32>>;

/// Positions of vector i of the run: among the parameters, and in gradients and state.
@if(contiguous)
fn place(i: u32) -> vec2<u32> {
  return vec2<u32>(i);
}

@if(indexed)
fn place(i: u32) -> vec2<u32> {
  return BLOCK * blocks[i / BLOCK] + vec2<u32>(i % BLOCK);
}

/// Clips to [-limit, limit], not at all where the limit is negative; NaN stays NaN. Magnitudes are compared as integers,
/// because comparisons with NaN are true in some drivers.
fn clip(g: vec4<f32>, limit: f32) -> vec4<f32> {
  let magnitude = bitcast<vec4<u32>>(abs(g));
  let most = bitcast<vec4<u32>>(vec4<f32>(limit));
  let infinite = vec4<u32>(0x7f800000u);
  let beyond = (magnitude > most) & (magnitude <= infinite);
  let clips = limit >= 0.0;
  return select(g, sign(g) * limit, vec4<bool>(clips) & beyond);
}

/// Compile-time constants: whether gradients are clipped by value, and whether they get l2 * p.
const CLIPS = 1u;
const REGULARIZES = 1u;

/// The gradient that an optimizer goes by: scaled, clipped, plus l2 * p as of L2 regularization. Without weight decay
/// the parameter does not count, even if it is infinite.
fn gradient(raw: vec4<f32>, factor: f32, limit: f32, p: vec4<f32>, l2: f32) -> vec4<f32> {
  var g = raw * factor;
  if (CLIPS != 0u) {
    g = clip(g, limit);
  }
  if (REGULARIZES != 0u) {
    g = select(g + l2 * p, g, vec4<bool>(l2 == 0.0));
  }
  return g;
}

/// Which components are NaN.
fn is_nan4(x: vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u);
}

/// The larger of two numbers; NaN if either is.
fn larger(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return select(max(a, b), a + b, is_nan4(a) | is_nan4(b));
}

/// The part of n elements that a workgroup updates: none where the gradients are not finite and that is an error
/// (`refused`, element 1 of `scale`).
fn updated_range(group: vec3<u32>, groups: vec3<u32>, n: u32, refused: f32) -> vec2<u32> {
  return select(workgroup_range(group, groups, n), vec2<u32>(0u), vec2<bool>(refused != 0.0));
}

/// x^p for x >= 0 and p > 0; NaN stays NaN, which pow need not keep.
fn power(x: vec4<f32>, p: f32) -> vec4<f32> {
  return select(pow(x, vec4<f32>(p)), x, is_nan4(x) | (x == vec4<f32>(0.0)));
}
