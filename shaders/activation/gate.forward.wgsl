// Gated units: y = f(a, b) with the halves a and b of x along one dimension; n elements of y. x is
// [outer, 2, half] and y [outer, half], where half = (size / 2) * inner elements.
// rounds: ceil(n / threads) + 1
// variants: glu swiglu
import package::lib::activation::silu;
import package::lib::grid::workgroup_range;
import package::lib::math::sigmoid;

struct Params { n: u32, half: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn gate_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = i + i / params.half * params.half;
    let a = x[at];
    let b = x[at + params.half];
    @if(glu) y[i] = a * sigmoid(b);
    @if(swiglu) y[i] = silu(a) * b;
  }
}
