// Last step of sorting: the first `count` positions of each line [lines, size], and the values there, bit by bit, as
// [outer, count, inner].
// rounds: ceil(n / threads) + 1
import package::lib::grid::workgroup_range;

struct Params {
  n: u32,
  count: u32,
  size: u32,
  inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> positions: array<u32>;
@group(0) @binding(3) var<storage, read_write> values: array<u32>;
@group(0) @binding(4) var<storage, read_write> indices: array<u32>;

@compute @workgroup_size(64)
fn sort_finish(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let outer = i / (params.count * params.inner);
    let j = i / params.inner % params.count;
    let inner = i % params.inner;
    let position = positions[(outer * params.inner + inner) * params.size + j];
    values[i] = x[(outer * params.size + position) * params.inner + inner];
    indices[i] = position;
  }
}
