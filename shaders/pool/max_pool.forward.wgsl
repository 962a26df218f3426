// y[p, q] = max of x[p, i] over the positions i of window q, and index[p, q] = the position (within the plane) that
// it came from, for the backward pass: the first of equal values; NaN if there is one, as in PyTorch.
// x is [planes, size], y and index [planes, out]; one thread per output.
// variants: strided adaptive
import package::lib::float::{infinity, is_nan};
import package::lib::grid::workgroup_index;
import package::lib::pool::{Pool, position_of, window};

@group(0) @binding(0) var<uniform> params: Pool;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> index: array<i32>;

@compute @workgroup_size(64)
fn max_pool_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let q = position_of(i, params.out);
  if (q.x >= params.planes) {
    return;
  }
  let size = params.size;
  let depths = window(params, 0u, q.y);
  let rows = window(params, 1u, q.z);
  let columns = window(params, 2u, q.w);
  let plane = q.x * size.x * size.y * size.z;
  var best = -infinity();
  var found = (depths.x * size.y + rows.x) * size.z + columns.x;
  for (var d = depths.x; d < depths.y; d += params.dilation.x) {
    for (var h = rows.x; h < rows.y; h += params.dilation.y) {
      let row = (d * size.y + h) * size.z;
      for (var w = columns.x; w < columns.y; w += params.dilation.z) {
        let value = x[plane + row + w];
        let better = is_nan(value) || (value > best && !is_nan(best));
        best = select(best, value, better);
        found = select(found, row + w, better);
      }
    }
  }
  y[i] = best;
  index[i] = i32(found);
}
