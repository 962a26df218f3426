// dgrid[n, p, k] = sum over channels c of dy[n, c, p] * the derivative of y[n, c, p] by coordinate k of position p. Shapes are
// those of grid_sample.forward; n counts the positions of grid, one thread each. Added to dgrid when `accumulate` is set,
// as it is for the later of many channels.
// rounds: (last - first) * ((TAPS * (TAPS + 2) + 2) * TAPS + 4) + 8
// variants: linear cubic
import package::lib::grid::workgroup_index;
import package::lib::grid_sample::{TAPS, Taps, is_lost, no_axis, taps_of};
import package::lib::float::nan;

struct Params {
  n: u32,
  channels: u32,
  out: u32,
  dims: u32,
  size: vec3<u32>,
  padding: u32,
  aligned: u32,
  accumulate: u32,
  first: u32,
  last: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> grid: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dgrid: array<f32>;

@compute @workgroup_size(64)
fn grid_sample_backward_grid(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let m = workgroup_index(group, groups) * 64u + local;
  if (m >= params.n) {
    return;
  }
  let size = params.size;
  let at = m * params.dims;
  let columns = taps_of(grid[at], size.z, params.padding, params.aligned);
  let rows = taps_of(grid[at + 1u], size.y, params.padding, params.aligned);
  var depths = no_axis();
  if (params.dims == 3u) {
    depths = taps_of(grid[at + 2u], size.x, params.padding, params.aligned);
  }
  var sums = vec3<f32>(select(0.0, nan(), is_lost(columns, rows, depths)));
  for (var c = params.first; c < params.last; c++) {
    let plane = m / params.out * params.channels + c;
    let gradient = dy[plane * params.out + m % params.out];
    for (var d = 0u; d < TAPS; d++) {
      if (depths.at[d] < 0) {
        continue;
      }
      for (var h = 0u; h < TAPS; h++) {
        if (rows.at[h] < 0) {
          continue;
        }
        let line = ((plane * size.x + u32(depths.at[d])) * size.y + u32(rows.at[h])) * size.z;
        let changes = vec3<f32>(
          depths.weight[d] * rows.weight[h],
          depths.weight[d] * rows.slope[h],
          depths.slope[d] * rows.weight[h],
        );
        for (var w = 0u; w < TAPS; w++) {
          if (columns.at[w] >= 0) {
            let value = gradient * x[line + u32(columns.at[w])];
            sums += value * changes * vec3<f32>(columns.slope[w], columns.weight[w], columns.weight[w]);
          }
        }
      }
    }
  }
  for (var k = 0u; k < params.dims; k++) {
    if (params.accumulate != 0u) {
      dgrid[at + k] += sums[k];
    } else {
      dgrid[at + k] = sums[k];
    }
  }
}
