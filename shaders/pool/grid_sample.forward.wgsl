// y[n, c, p] = sum over the inputs around position p of the grid of their weights times x. x is [batch, channels, size], y is
// [batch, channels, out], grid is [batch, out, dims] with coordinates (x, y) or (x, y, z). One thread per output.
// rounds: (TAPS * (TAPS + 2) + 2) * TAPS + 8
// variants: nearest linear cubic
import package::lib::grid::workgroup_index;
import package::lib::grid_sample::{TAPS, Taps, is_lost, no_axis, taps_of};
import package::lib::float::nan;

struct Params { n: u32, channels: u32, out: u32, dims: u32, size: vec3<u32>, padding: u32, aligned: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> grid: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn grid_sample_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  let size = params.size;
  let plane = i / params.out;
  let at = (plane / params.channels * params.out + i % params.out) * params.dims;
  let columns = taps_of(grid[at], size.z, params.padding, params.aligned);
  let rows = taps_of(grid[at + 1u], size.y, params.padding, params.aligned);
  var depths = no_axis();
  if (params.dims == 3u) {
    depths = taps_of(grid[at + 2u], size.x, params.padding, params.aligned);
  }
  var sum = select(0.0, nan(), is_lost(columns, rows, depths));
  for (var d = 0u; d < TAPS; d++) {
    if (depths.at[d] < 0) {
      continue;
    }
    for (var h = 0u; h < TAPS; h++) {
      if (rows.at[h] < 0) {
        continue;
      }
      let line = ((plane * size.x + u32(depths.at[d])) * size.y + u32(rows.at[h])) * size.z;
      for (var w = 0u; w < TAPS; w++) {
        if (columns.at[w] >= 0) {
          sum += depths.weight[d] * rows.weight[h] * columns.weight[w] * x[line + u32(columns.at[w])];
        }
      }
    }
  }
  y[i] = sum;
}
