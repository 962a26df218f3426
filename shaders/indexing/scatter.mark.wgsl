// winners[t] = 1 + the last position i of index that writes to place t = sum of c_d * st_d + index[i] * stride, where c are
// the coordinates of i and dims[d] is (size, st, 0, 0). Whole-number maxima do not depend on the order of the threads.
// Indices outside [0, limit) write nothing. winners holds 0 before.
// rounds: ceil(n / threads) * (rank + 1) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, rank: u32, limit: u32, stride: u32, dims: array<vec4<u32>, 8> }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> winners: array<atomic<u32>>;

@compute @workgroup_size(64)
fn scatter_mark(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    if (index[i] >= params.limit) {
      continue;
    }
    var rest = i;
    var at = index[i] * params.stride;
    for (var d = params.rank - 1u; d > 0u; d--) {
      let dim = params.dims[d];
      let next = rest / dim.x;
      at += (rest - next * dim.x) * dim.y;
      rest = next;
    }
    at += rest * params.dims[0].y;
    atomicMax(&winners[at], i + 1u);
  }
}
