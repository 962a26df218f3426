// Recurrent dropout (lib/recurrent_dropout.wgsl) of hidden states x [rows, H], where row r belongs to sequence
// r / row_n % N and there are t rows: y [rows, H]; with masked_out, y [2, rows, H] is x and behind it the dropped x.
// variants: wide narrow
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{LANE, Lane, params};
import package::lib::recurrent_dropout::dropped;

@group(0) @binding(1) var<storage, read> x: array<Lane>;
@group(0) @binding(2) var<storage, read_write> y: array<Lane>;

@compute @workgroup_size(64)
fn mask_apply(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  let count = params.t * params.hidden / LANE;
  if (index >= count) {
    return;
  }
  let lanes = params.hidden / LANE;
  let n = index / lanes / params.row_n % params.batch;
  let h = x[index];
  let masked = dropped(n, index % lanes, h);
  if (params.masked_out == 0u) {
    y[index] = masked;
  } else {
    y[index] = h;
    y[params.masked_out + index] = masked;
  }
}
