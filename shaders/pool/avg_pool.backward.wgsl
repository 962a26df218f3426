// dx[p, i] = sum over the windows q that cover position i of dy[p, q] / divisor(q). dx is [planes, size], dy
// [planes, out]; one thread per element of dx.
// variants: strided adaptive
import package::lib::grid::workgroup_index;
import package::lib::pool::{Pool, position_of, windows_over};
import package::lib::pool_divisor::divisor;

@group(0) @binding(0) var<uniform> params: Pool;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn avg_pool_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let at = position_of(i, params.size);
  if (at.x >= params.planes) {
    return;
  }
  let depths = windows_over(params, 0u, at.y);
  let rows = windows_over(params, 1u, at.z);
  let columns = windows_over(params, 2u, at.w);
  var sum = 0.0;
  for (var d = depths.x; d < depths.y; d++) {
    for (var h = rows.x; h < rows.y; h++) {
      let row = ((at.x * params.out.x + d) * params.out.y + h) * params.out.z;
      for (var w = columns.x; w < columns.y; w++) {
        sum += dy[row + w] / divisor(params, vec3<u32>(d, h, w), params.count);
      }
    }
  }
  if (params.accumulate != 0u) {
    dx[i] += sum;
  } else {
    dx[i] = sum;
  }
}
