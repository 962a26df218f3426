// A matrix of n elements by its Frobenius norm: y = x / max(sqrt(sum of partials), eps); NaN stays NaN.
// rounds: ceil(n / threads) + parts + 2
import package::lib::float::max_nan;
import package::lib::grid::workgroup_range;

struct Params { n: u32, parts: u32, eps: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> partials: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn muon_normalize(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  var total = 0.0;
  for (var i = 0u; i < params.parts; i++) {
    total += partials[i];
  }
  let norm = max_nan(sqrt(total), params.eps);
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    y[i] = x[i] / norm;
  }
}
