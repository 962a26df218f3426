// flat[m] = sum over k of index[m, k] * stride of dimension k, plus m / per_batch * batch_stride: an index of `rank`
// numbers as one. Negative numbers count from the end; flat is -1 where one is out of range. n indices, dims[k] is
// (size, stride, 0, 0).
// rounds: ceil(n / threads) * (rank + 2) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, rank: u32, per_batch: u32, batch_stride: u32, dims: array<vec4<u32>, 8> }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> index: array<i32>;
@group(0) @binding(2) var<storage, read_write> flat: array<i32>;

@compute @workgroup_size(64)
fn index_flatten(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var m = range.x + local; m < range.y; m += 64u) {
    var at = (m / params.per_batch) * params.batch_stride;
    var inside = true;
    for (var k = 0u; k < params.rank; k++) {
      let dim = params.dims[k];
      let given = index[m * params.rank + k];
      let position = select(given, given + i32(dim.x), given < 0);
      inside = inside && position >= 0 && position < i32(dim.x);
      at += u32(max(position, 0)) * dim.y;
    }
    flat[m] = select(-1, i32(at), inside);
  }
}
