// y = condition ? x : other with broadcasting, any 32-bit type, bit for bit. y has n elements, row-major over `rank`
// dimensions; dims[d] is (size, strides of condition, x and other). Condition is 0 or not; -0 counts as 0.
import package::lib::grid::workgroup_index;

struct Params { n: u32, rank: u32, dims: array<vec4<u32>, 8> }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> condition: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> other: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn where_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  var rest = i;
  var at = vec3<u32>(0u);
  for (var d = params.rank - 1u; d > 0u; d--) {
    let dim = params.dims[d];
    at += rest % dim.x * dim.yzw;
    rest = rest / dim.x;
  }
  at += rest * params.dims[0].yzw;
  if ((condition[at.x] & 0x7fffffffu) != 0u) {
    y[i] = x[at.y];
  } else {
    y[i] = other[at.z];
  }
}
