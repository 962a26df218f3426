// y[n, o, q] = bias[o] + sum over c, k of x[n, c, q * stride + k * dilation - padding] * weight[o, c, k].
// A thread computes eight neighbouring columns of y for a block of output channels: four (dense) or one (depthwise,
// or any group with one output channel). Along a row of taps it keeps the eight inputs in registers: where the next
// tap reads the same inputs one column further, they shift and only one is loaded. No workgroup memory.
// variants: dense depthwise
import package::lib::conv::{Conv, taps_inside};
import package::lib::conv_block::{Block, Rows, CHANNELS, rows_of};
import package::lib::grid::workgroup_index;

@group(0) @binding(0) var<uniform> params: Conv;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn input(row: u32, column: i32) -> f32 {
  let inside = u32(column) < params.size.z;
  return select(0.0, x[row + select(0u, u32(column), inside)], inside);
}

@if(dense) fn weights(rows: Rows, tap: u32) -> Block {
  let at = rows + tap;
  return vec4<f32>(weight[at.x], weight[at.y], weight[at.z], weight[at.w]);
}
@if(dense) fn biases(rows: Rows) -> Block {
  return vec4<f32>(bias[rows.x], bias[rows.y], bias[rows.z], bias[rows.w]);
}
@if(dense) fn store(at: u32, plane: u32, count: u32, values: Block) {
  store_one(at, values.x);
  if (count > 1u) { store_one(at + plane, values.y); }
  if (count > 2u) { store_one(at + 2u * plane, values.z); }
  if (count > 3u) { store_one(at + 3u * plane, values.w); }
}

@if(depthwise) fn weights(rows: Rows, tap: u32) -> Block { return weight[rows + tap]; }
@if(depthwise) fn biases(rows: Rows) -> Block { return bias[rows]; }
@if(depthwise) fn store(at: u32, plane: u32, count: u32, values: Block) { store_one(at, values); }

fn store_one(at: u32, value: f32) {
  if (params.accumulate != 0u) {
    y[at] += value;
  } else {
    y[at] = value;
  }
}

@compute @workgroup_size(64)
fn conv_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let out = params.out;
  var rest = workgroup_index(group, groups) * 64u + local;
  let across = (out.z + 7u) / 8u;
  let column = rest % across * 8u;
  rest /= across;
  let row = rest % out.y;
  rest /= out.y;
  let depth = rest % out.x;
  rest /= out.x;
  let blocks = (params.group_out + CHANNELS - 1u) / CHANNELS;
  let groups_of = params.out_channels / params.group_out;
  let tile = rest % blocks;
  rest /= blocks;
  let g = rest % groups_of;
  let n = rest / groups_of;
  if (n >= params.batch) {
    return;
  }
  let first = g * params.group_out + tile * CHANNELS;
  let rows = rows_of(first, (g + 1u) * params.group_out - 1u);
  let taps = params.kernel.x * params.kernel.y * params.kernel.z;
  let start = vec3<i32>(vec3<u32>(depth, row, column) * params.stride) - vec3<i32>(params.padding);
  let d_taps = taps_inside(start.x, params.dilation.x, params.size.x, params.kernel.x);
  let h_taps = taps_inside(start.y, params.dilation.y, params.size.y, params.kernel.y);
  // Where taps `step` apart read neighbouring columns of the same phase they form a run; else each tap is one.
  let shifts = params.step.z * params.dilation.z == params.stride.z;
  let runs = select(params.kernel.z, min(params.step.z, params.kernel.z), shifts);
  let apart = i32(params.stride.z);

  var sum0 = Block();
  if (params.bias != 0u) {
    sum0 = biases(rows);
  }
  var sum1 = sum0;
  var sum2 = sum0;
  var sum3 = sum0;
  var sum4 = sum0;
  var sum5 = sum0;
  var sum6 = sum0;
  var sum7 = sum0;
  for (var c = 0u; c < params.group_in; c++) {
    let weight_rows = (rows * params.group_in + c) * taps;
    let plane = (n * params.channels + g * params.group_in + c) * params.size.x;
    for (var kd = d_taps.x; kd < d_taps.y; kd++) {
      let slice = (plane + u32(start.x + i32(kd * params.dilation.x))) * params.size.y;
      for (var kh = h_taps.x; kh < h_taps.y; kh++) {
        let x_row = (slice + u32(start.y + i32(kh * params.dilation.y))) * params.size.z;
        let tap_row = (kd * params.kernel.y + kh) * params.kernel.z;
        for (var run = 0u; run < runs; run++) {
          var at = start.z + i32(run * params.dilation.z);
          var x0 = input(x_row, at);
          var x1 = input(x_row, at + apart);
          var x2 = input(x_row, at + 2 * apart);
          var x3 = input(x_row, at + 3 * apart);
          var x4 = input(x_row, at + 4 * apart);
          var x5 = input(x_row, at + 5 * apart);
          var x6 = input(x_row, at + 6 * apart);
          at += 7 * apart;
          for (var kw = run; kw < params.kernel.z; kw += runs) {
            let x7 = input(x_row, at);
            let w = weights(weight_rows, tap_row + kw);
            sum0 += w * x0;
            sum1 += w * x1;
            sum2 += w * x2;
            sum3 += w * x3;
            sum4 += w * x4;
            sum5 += w * x5;
            sum6 += w * x6;
            sum7 += w * x7;
            x0 = x1;
            x1 = x2;
            x2 = x3;
            x3 = x4;
            x4 = x5;
            x5 = x6;
            x6 = x7;
            at += apart;
          }
        }
      }
    }
  }

  let plane = out.x * out.y * out.z;
  let count = min(CHANNELS, (g + 1u) * params.group_out - first);
  let at = (n * params.out_channels + first) * plane + (depth * out.y + row) * out.z + column;
  let columns = min(8u, out.z - column);
  store(at, plane, count, sum0);
  if (columns > 1u) { store(at + 1u, plane, count, sum1); }
  if (columns > 2u) { store(at + 2u, plane, count, sum2); }
  if (columns > 3u) { store(at + 3u, plane, count, sum3); }
  if (columns > 4u) { store(at + 4u, plane, count, sum4); }
  if (columns > 5u) { store(at + 5u, plane, count, sum5); }
  if (columns > 6u) { store(at + 6u, plane, count, sum6); }
  if (columns > 7u) { store(at + 7u, plane, count, sum7); }
}
