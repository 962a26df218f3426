// What the optimizers' kernels share. Parameters and optimizer state are laid out in blocks of 64 floats (256 bytes).

/// Clips to [-limit, limit], not at all where the limit is negative; NaN stays NaN.
fn clip(g: vec4<f32>, limit: f32) -> vec4<f32> {
  let clips = limit >= 0.0;
  return select(g, sign(g) * limit, vec4<bool>(clips) & (abs(g) > vec4<f32>(limit)));
}

/// Positions (parameters, state) of vector i, which lies in these blocks of 16 vectors.
fn block_place(chunk: vec2<u32>, i: u32) -> vec2<u32> {
  return 16u * chunk + vec2<u32>(i % 16u);
}
