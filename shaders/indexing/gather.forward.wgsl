// y[c] = x[sum of c_d * sx_d + index[sum of c_d * si_d] * stride], bit for bit, for all coordinates c of `rank` dimensions
// with n elements in all; y is row-major, dims[d] is (size, sx, si, 0). An index outside [0, limit) gives `invalid` and
// reads nothing. Added to y as float32 when `accumulate` is set.
// rounds: ceil(n / threads) * (rank + 1) + 1
import package::lib::grid::workgroup_range;

struct Params {
  n: u32,
  rank: u32,
  accumulate: u32,
  limit: u32,
  stride: u32,
  invalid: u32,
  dims: array<vec4<u32>, 8>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn gather_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    var rest = i;
    var at = vec2<u32>(0u);
    for (var d = params.rank - 1u; d > 0u; d--) {
      let dim = params.dims[d];
      let next = rest / dim.x;
      at += (rest - next * dim.x) * dim.yz;
      rest = next;
    }
    at += rest * params.dims[0].yz;
    // A negative index is a large unsigned number.
    let position = index[at.y];
    var value = params.invalid;
    if (position < params.limit) {
      value = x[at.x + position * params.stride];
    }
    if (params.accumulate != 0u) {
      y[i] = bitcast<u32>(bitcast<f32>(y[i]) + bitcast<f32>(value));
    } else {
      y[i] = value;
    }
  }
}
