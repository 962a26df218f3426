// y[y_offset + sum of c_d * sy_d] = x[x_offset + sum of c_d * sx_d] for all coordinates c of `rank` dimensions with n
// elements in all, bit for bit; added to y as float32 when `accumulate` is set. dims[d] is (size, sx, sy, 0); a negative
// sx comes as its two's complement. Places of y that no coordinate names stay as they are.
// rounds: ceil(n / threads) * (rank + 1) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, rank: u32, accumulate: u32, x_offset: u32, y_offset: u32, dims: array<vec4<u32>, 8> }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn strided_copy(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    var rest = i;
    var at = vec2<u32>(params.x_offset, params.y_offset);
    for (var d = params.rank - 1u; d > 0u; d--) {
      let dim = params.dims[d];
      let next = rest / dim.x;
      at += (rest - next * dim.x) * dim.yz;
      rest = next;
    }
    at += rest * params.dims[0].yz;
    if (params.accumulate != 0u) {
      y[at.y] = bitcast<u32>(bitcast<f32>(y[at.y]) + bitcast<f32>(x[at.x]));
    } else {
      y[at.y] = x[at.x];
    }
  }
}
