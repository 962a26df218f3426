// y[t] = src[winners[t] - 1] where a position of index writes to t, else x[t]; n elements of any 32-bit type. With `zero`
// set, 0 instead of src: the gradient of x.
// rounds: ceil(n / threads) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, zero: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> src: array<u32>;
@group(0) @binding(3) var<storage, read> winners: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn scatter_pick(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var t = range.x + local; t < range.y; t += 64u) {
    let winner = winners[t];
    if (winner == 0u) {
      y[t] = x[t];
    } else if (params.zero != 0u) {
      y[t] = 0u;
    } else {
      y[t] = src[winner - 1u];
    }
  }
}
