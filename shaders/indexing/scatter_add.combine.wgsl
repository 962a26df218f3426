// y[i] = sum over s of partial[s, i], n elements, `splits` parts; added to y when `accumulate` is set.
// rounds: ceil(n / threads) * (splits + 2) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, splits: u32, accumulate: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn scatter_add_combine(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    var sum = 0.0;
    for (var s = 0u; s < params.splits; s++) {
      sum += partial[s * params.n + i];
    }
    if (params.accumulate != 0u) {
      y[i] += sum;
    } else {
      y[i] = sum;
    }
  }
}
