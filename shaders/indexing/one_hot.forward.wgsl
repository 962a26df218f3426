// y[i, c] = 1 where x[i] is c, else 0; y has n elements, `classes` per position. A class out of range gives a row of 0.
// rounds: ceil(n / threads) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, classes: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn one_hot_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    y[i] = select(0.0, 1.0, x[i / params.classes] == i % params.classes);
  }
}
