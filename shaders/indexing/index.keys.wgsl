// keys[i] = sum of c_d * st_d + index[i] * stride: where position i of index (coordinates c) writes in a target of `rows`
// places; dims[d] is (size, st, 0, 0). An index outside [0, limit) and the index `skip` get the key `rows`, which sorts
// behind all places.
// rounds: ceil(n / threads) * (rank + 1) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, rank: u32, limit: u32, stride: u32, skip: u32, rows: u32, dims: array<vec4<u32>, 8> }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read_write> keys: array<u32>;

@compute @workgroup_size(64)
fn index_keys(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    var rest = i;
    var at = 0u;
    for (var d = params.rank - 1u; d > 0u; d--) {
      let dim = params.dims[d];
      let next = rest / dim.x;
      at += (rest - next * dim.x) * dim.y;
      rest = next;
    }
    at += rest * params.dims[0].y;
    let position = index[i];
    keys[i] = select(params.rows, at + position * params.stride, position < params.limit && position != params.skip);
  }
}
