// y = condition ? x : other with broadcasting, any 32-bit type, bit for bit. y has n elements, row-major over `rank`
// dimensions; dims[d], innermost first, is (size, strides of condition, x, other). Condition is 0 or not; -0 counts as 0.
// rounds: ceil(n / threads) + 1
import package::lib::grid::workgroup_range;
import package::lib::strided::{strided3, strided8};

struct Params { n: u32, rank: u32, dims: array<vec4<u32>, 8> }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> condition: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> other: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;

/// The operands of element i among more than three dimensions.
fn far(i: u32) -> vec3<u32> {
  return strided8(
    i, params.dims[0], params.dims[1], params.dims[2], params.dims[3],
    params.dims[4], params.dims[5], params.dims[6], params.dims[7],
  );
}

/// One element; `at` are the positions in condition, x and other.
fn element(i: u32, at: vec3<u32>) {
  if ((condition[at.x] & 0x7fffffffu) != 0u) {
    y[i] = x[at.y];
  } else {
    y[i] = other[at.z];
  }
}

@compute @workgroup_size(64)
fn where_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  let d0 = params.dims[0];
  let d1 = params.dims[1];
  let d2 = params.dims[2];
  if (params.rank == 1u) {
    for (var i = range.x + local; i < range.y; i += 64u) {
      element(i, i * d0.yzw);
    }
  } else if (params.rank <= 3u) {
    for (var i = range.x + local; i < range.y; i += 64u) {
      element(i, strided3(i, d0, d1, d2));
    }
  } else {
    for (var i = range.x + local; i < range.y; i += 64u) {
      element(i, far(i));
    }
  }
}
