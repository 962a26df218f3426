// y[y_offset + b * y_batch + i * y_row + j] = x[x_offset + b * x_batch + j * x_row + i] for i < rows, j < columns, bit for
// bit; added to y as float32 when `accumulate` is set. Each thread turns a block of 4 x 4 in registers, each workgroup
// TILE x TILE, so that whole cache lines are read and written.
// rounds: 40
// lowering reads: TILE
import package::lib::grid::workgroup_index;

struct Params {
  workgroups: u32,
  rows: u32,
  columns: u32,
  accumulate: u32,
  x_offset: u32,
  x_batch: u32,
  x_row: u32,
  y_offset: u32,
  y_batch: u32,
  y_row: u32,
}

/// Rows and columns that a workgroup turns.
const TILE = 32u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn transpose_copy(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let tile = workgroup_index(group, groups);
  if (tile >= params.workgroups) {
    return;
  }
  let across = (params.columns + TILE - 1u) / TILE;
  let down = (params.rows + TILE - 1u) / TILE;
  let line = tile / across;
  let batch = line / down;
  let i0 = line % down * TILE + local / 8u * 4u;
  let j0 = tile % across * TILE + local % 8u * 4u;
  let i_end = min(i0 + 4u, params.rows);
  let j_end = min(j0 + 4u, params.columns);
  let corner = 4u * i0 + j0;
  var held: array<u32, 16>;
  for (var j = j0; j < j_end; j++) {
    let x_start = params.x_offset + batch * params.x_batch + j * params.x_row;
    for (var i = i0; i < i_end; i++) {
      held[4u * i + j - corner] = x[x_start + i];
    }
  }
  for (var i = i0; i < i_end; i++) {
    let y_start = params.y_offset + batch * params.y_batch + i * params.y_row;
    for (var j = j0; j < j_end; j++) {
      let value = held[4u * i + j - corner];
      if (params.accumulate != 0u) {
        y[y_start + j] = bitcast<u32>(bitcast<f32>(y[y_start + j]) + bitcast<f32>(value));
      } else {
        y[y_start + j] = value;
      }
    }
  }
}
