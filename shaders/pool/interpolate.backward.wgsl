// dx[p, h, w] = sum over the outputs that read input (h, w) of dy * its share in them. dx is [planes, rows, columns] of
// the inputs, dy of the outputs; one thread per input, which looks at the outputs near it.
// rounds: taps.x * (taps.y + 2) + 1
// variants: nearest linear
import package::lib::grid::{part_of, workgroup_index};
import package::lib::resample::{Axis, between, readers, share};

struct Params {
  planes: u32,
  rows_in: u32,
  rows_out: u32,
  rows_scale: f32,
  columns_in: u32,
  columns_out: u32,
  columns_scale: f32,
  aligned: u32,
  accumulate: u32,
  /// The part of the outputs near an input that this dispatch goes over, as rows and columns: the first, and how many.
  first: vec2<u32>,
  taps: vec2<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn interpolate_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let line = i / params.columns_in;
  let plane = line / params.rows_in;
  if (plane >= params.planes) {
    return;
  }
  let row_axis = Axis(params.rows_in, params.rows_out, params.rows_scale);
  let column_axis = Axis(params.columns_in, params.columns_out, params.columns_scale);
  let row = line % params.rows_in;
  let column = i % params.columns_in;
  let rows = part_of(readers(row_axis, row), params.first.x, params.taps.x);
  let columns = part_of(readers(column_axis, column), params.first.y, params.taps.y);
  var sum = 0.0;
  for (var h = rows.x; h < rows.y; h++) {
    let row_share = share(between(row_axis, params.aligned, h), row);
    let at = (plane * params.rows_out + h) * params.columns_out;
    for (var w = columns.x; w < columns.y; w++) {
      sum += row_share * share(between(column_axis, params.aligned, w), column) * dy[at + w];
    }
  }
  if (params.accumulate != 0u) {
    dx[i] += sum;
  } else {
    dx[i] = sum;
  }
}
