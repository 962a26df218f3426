// y = factor * x, element by element, n elements; added to y when `accumulate` is set.
// rounds: ceil(n / threads) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, accumulate: u32, factor: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn scale_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let value = params.factor * x[i];
    if (params.accumulate != 0u) {
      y[i] += value;
    } else {
      y[i] = value;
    }
  }
}
