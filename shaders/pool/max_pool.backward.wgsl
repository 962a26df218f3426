// dx[p, i] = sum of dy[p, q] over the windows q whose maximum came from position i (index[p, q] = i).
// dx is [planes, size], dy and index [planes, out]; one thread per element of dx, which looks at the windows over it.
// variants: strided adaptive
import package::lib::grid::workgroup_index;
import package::lib::pool::{Pool, position_of, windows_over};

@group(0) @binding(0) var<uniform> params: Pool;
@group(0) @binding(1) var<storage, read> index: array<i32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn max_pool_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let size = params.size;
  let at = position_of(i, size);
  if (at.x >= params.planes) {
    return;
  }
  let own = i32((at.y * size.y + at.z) * size.z + at.w);
  let depths = windows_over(params, 0u, at.y);
  let rows = windows_over(params, 1u, at.z);
  let columns = windows_over(params, 2u, at.w);
  var sum = 0.0;
  for (var d = depths.x; d < depths.y; d++) {
    for (var h = rows.x; h < rows.y; h++) {
      let row = ((at.x * params.out.x + d) * params.out.y + h) * params.out.z;
      for (var w = columns.x; w < columns.y; w++) {
        sum += select(0.0, dy[row + w], index[row + w] == own);
      }
    }
  }
  if (params.accumulate != 0u) {
    dx[i] += sum;
  } else {
    dx[i] = sum;
  }
}
