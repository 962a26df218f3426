// Gradient of the gated units with respect to x, both halves; one thread per element of dy. Shapes as in
// gate.forward.wgsl.
// rounds: ceil(n / threads) + 1
// variants: glu swiglu
import package::lib::activation::{silu, silu_derivative};
import package::lib::grid::workgroup_range;
import package::lib::math::sigmoid;

struct Params { n: u32, half: u32, accumulate: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@if(glu) fn gradient(a: f32, b: f32) -> vec2<f32> {
  let s = sigmoid(b);
  return vec2<f32>(s, a * s * (1.0 - s));
}
@if(swiglu) fn gradient(a: f32, b: f32) -> vec2<f32> {
  return vec2<f32>(silu_derivative(a) * b, silu(a));
}

@compute @workgroup_size(64)
fn gate_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = i + i / params.half * params.half;
    let value = dy[i] * gradient(x[at], x[at + params.half]);
    if (params.accumulate != 0u) {
      dx[at] += value.x;
      dx[at + params.half] += value.y;
    } else {
      dx[at] = value.x;
      dx[at + params.half] = value.y;
    }
  }
}
