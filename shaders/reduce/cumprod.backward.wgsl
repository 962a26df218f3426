// dx of y = cumprod(x): each y[j] from i on contributes dy[j] y[j] / x[i]. `sums` holds the sums of dy y from each
// element to the end. Past a zero that would be 0 / 0: for the first zero of a line (zeros[i] counts them up to i)
// `sums_past_zero` holds the sums of dy times the products without that zero; later elements have no gradient.
// rounds: ceil(n / threads) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, accumulate: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> zeros: array<f32>;
@group(0) @binding(3) var<storage, read> sums: array<f32>;
@group(0) @binding(4) var<storage, read> sums_past_zero: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn cumprod_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let first_zero = x[i] == 0.0 && zeros[i] == 1.0;
    var value = select(0.0, sums_past_zero[i], first_zero);
    if (zeros[i] == 0.0) {
      value = sums[i] / x[i];
    }
    if (params.accumulate != 0u) {
      dx[i] += value;
    } else {
      dx[i] = value;
    }
  }
}
