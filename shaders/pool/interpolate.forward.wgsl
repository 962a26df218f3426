// y[p, h, w] = x at the nearest input, or the mean of the two or four inputs around, weighted by nearness (linear,
// bilinear). x is [planes, rows, columns] of the inputs, y of the outputs; one thread per output.
// variants: nearest linear
import package::lib::grid::workgroup_index;
import package::lib::resample::{Axis, between};

struct Params {
  planes: u32,
  rows_in: u32,
  rows_out: u32,
  rows_scale: f32,
  columns_in: u32,
  columns_out: u32,
  columns_scale: f32,
  /// alignCorners: the first and last positions of input and output are the same.
  aligned: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn interpolate_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let line = i / params.columns_out;
  let plane = line / params.rows_out;
  if (plane >= params.planes) {
    return;
  }
  let row_axis = Axis(params.rows_in, params.rows_out, params.rows_scale);
  let column_axis = Axis(params.columns_in, params.columns_out, params.columns_scale);
  let h = between(row_axis, params.aligned, line % params.rows_out);
  let w = between(column_axis, params.aligned, i % params.columns_out);
  let low = (plane * params.rows_in + h.low) * params.columns_in;
  @if(nearest) {
    y[i] = x[low + w.low];
  }
  @if(linear) {
    let high = (plane * params.rows_in + h.high) * params.columns_in;
    let top = (1.0 - w.fraction) * x[low + w.low] + w.fraction * x[low + w.high];
    let bottom = (1.0 - w.fraction) * x[high + w.low] + w.fraction * x[high + w.high];
    y[i] = (1.0 - h.fraction) * top + h.fraction * bottom;
  }
}
