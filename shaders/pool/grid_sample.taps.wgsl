// keys[m * taps + k] = the input that position m of the grid reads as number k, as n * volume of x + place; `rows`, which is
// behind all inputs, where it reads none. weights: with which weight. grid is [batch, out, dims], m counts its positions, of
// which there are n; taps is TAPS to the power of dims. For the gradient of x.
// rounds: (TAPS * (TAPS + 2) + 2) * TAPS + 8
// variants: nearest linear cubic
import package::lib::grid::workgroup_index;
import package::lib::grid_sample::{TAPS, Taps, no_axis, taps_of};

struct Params { n: u32, out: u32, dims: u32, taps: u32, rows: u32, size: vec3<u32>, padding: u32, aligned: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> grid: array<f32>;
@group(0) @binding(2) var<storage, read_write> keys: array<u32>;
@group(0) @binding(3) var<storage, read_write> weights: array<f32>;

@compute @workgroup_size(64)
fn grid_sample_taps(
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
  var slices = 1u;
  if (params.dims == 3u) {
    depths = taps_of(grid[at + 2u], size.x, params.padding, params.aligned);
    slices = TAPS;
  }
  var entry = m * params.taps;
  for (var d = 0u; d < slices; d++) {
    for (var h = 0u; h < TAPS; h++) {
      for (var w = 0u; w < TAPS; w++) {
        let inside = depths.at[d] >= 0 && rows.at[h] >= 0 && columns.at[w] >= 0;
        let line = (m / params.out * size.x + u32(max(depths.at[d], 0))) * size.y + u32(max(rows.at[h], 0));
        keys[entry] = select(params.rows, line * size.z + u32(max(columns.at[w], 0)), inside);
        weights[entry] = depths.weight[d] * rows.weight[h] * columns.weight[w];
        entry++;
      }
    }
  }
}
