// y[p, q] = sum of x[p, i] over the positions i of window q / divisor(q). x is [planes, size], y [planes, out]; one
// thread per output.
// variants: strided adaptive
import package::lib::grid::workgroup_index;
import package::lib::pool::{Pool, position_of, window};
import package::lib::pool_divisor::divisor;

@group(0) @binding(0) var<uniform> params: Pool;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn avg_pool_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let q = position_of(i, params.out);
  if (q.x >= params.planes) {
    return;
  }
  let depths = window(params, 0u, q.y);
  let rows = window(params, 1u, q.z);
  let columns = window(params, 2u, q.w);
  // One sum per row: less rounding in large windows than a single running sum.
  var sum = 0.0;
  for (var d = depths.x; d < depths.y; d++) {
    for (var h = rows.x; h < rows.y; h++) {
      let row = ((q.x * params.size.x + d) * params.size.y + h) * params.size.z;
      var row_sum = 0.0;
      for (var w = columns.x; w < columns.y; w++) {
        row_sum += x[row + w];
      }
      sum += row_sum;
    }
  }
  y[i] = sum / divisor(params, q.yzw, params.count);
}
