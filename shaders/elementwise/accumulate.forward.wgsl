// y = a + b, element by element, n elements: the sum of two gradients of the same tensor.
import package::lib::grid::workgroup_index;

struct Params { n: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn accumulate_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  y[i] = a[i] + b[i];
}
