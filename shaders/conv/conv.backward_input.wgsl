// dx[n, c, i] = bias[c] + sum over o, k of dy[n, o, q] * weight[o, c, k], where i = q * stride + k * dilation - padding:
// the gradient of a convolution with respect to its input, and the forward pass of a transposed convolution (which
// is where the bias comes from). Columns `stride` apart of dx use the same taps; a thread computes eight of those for
// a block of input channels: four (dense) or one (depthwise, or any group with one input channel), and keeps the
// eight values of dy in registers from tap to tap.
// variants: dense depthwise
import package::lib::conv::{Conv, taps_reaching};
import package::lib::conv_block::{Block, Rows, CHANNELS, rows_of};
import package::lib::grid::workgroup_index;

@group(0) @binding(0) var<uniform> params: Conv;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

fn gradient(row: u32, column: i32) -> f32 {
  let inside = u32(column) < params.out.z;
  return select(0.0, dy[row + select(0u, u32(column), inside)], inside);
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
    dx[at] += value;
  } else {
    dx[at] = value;
  }
}

@compute @workgroup_size(64)
fn conv_backward_input(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let size = params.size;
  let stride = params.stride;
  var rest = workgroup_index(group, groups) * 64u + local;
  let across = (size.z + 8u * stride.z - 1u) / (8u * stride.z);
  let column_tile = rest % across;
  rest /= across;
  // Rows and depths of one phase are neighbours, too, so that neighbouring threads walk the same taps.
  let phase = rest % stride.z;
  rest /= stride.z;
  let column = column_tile * 8u * stride.z + phase;
  let row = rest % size.y;
  rest /= size.y;
  let depth = rest % size.x;
  rest /= size.x;
  let blocks = (params.group_in + CHANNELS - 1u) / CHANNELS;
  let groups_of = params.channels / params.group_in;
  let tile = rest % blocks;
  rest /= blocks;
  let g = rest % groups_of;
  let n = rest / groups_of;
  if (n >= params.batch || column >= size.z) {
    return;
  }
  let first = tile * CHANNELS;
  let rows = rows_of(first, params.group_in - 1u);
  let taps = params.kernel.x * params.kernel.y * params.kernel.z;
  let dilation = params.dilation;
  let at = vec3<u32>(depth, row, column) + params.padding;
  let d_taps = taps_reaching(at.x, stride.x, dilation.x, params.step.x, params.out.x, params.kernel.x);
  let h_taps = taps_reaching(at.y, stride.y, dilation.y, params.step.y, params.out.y, params.kernel.y);
  // All eight columns share the phase, but not the range of positions: only the phase is asked for here.
  var kw_first = 0u;
  while (kw_first < params.step.z && (kw_first * dilation.z) % stride.z != at.z % stride.z) {
    kw_first++;
  }
  let kw_end = select(0u, params.kernel.z, kw_first < params.step.z);
  let shifts = params.step.z * dilation.z == stride.z;
  let run_step = select(params.step.z, params.kernel.z, shifts);
  let tap_step = select(params.kernel.z, params.step.z, shifts);

  var sum0 = Block();
  if (params.bias != 0u) {
    sum0 = biases(rows + g * params.group_in);
  }
  var sum1 = sum0;
  var sum2 = sum0;
  var sum3 = sum0;
  var sum4 = sum0;
  var sum5 = sum0;
  var sum6 = sum0;
  var sum7 = sum0;
  for (var o = g * params.group_out; o < (g + 1u) * params.group_out; o++) {
    let weight_rows = (rows + o * params.group_in) * taps;
    let plane = (n * params.out_channels + o) * params.out.x;
    for (var kd = d_taps.x; kd < d_taps.y; kd += params.step.x) {
      let slice = (plane + (at.x - kd * dilation.x) / stride.x) * params.out.y;
      for (var kh = h_taps.x; kh < h_taps.y; kh += params.step.y) {
        let dy_row = (slice + (at.y - kh * dilation.y) / stride.y) * params.out.z;
        let tap_row = (kd * params.kernel.y + kh) * params.kernel.z;
        for (var run = kw_first; run < kw_end; run += run_step) {
          // Exact: a multiple of the stride, maybe a negative one.
          var q = (i32(at.z) - i32(run * dilation.z)) / i32(stride.z);
          var g1 = gradient(dy_row, q + 1);
          var g2 = gradient(dy_row, q + 2);
          var g3 = gradient(dy_row, q + 3);
          var g4 = gradient(dy_row, q + 4);
          var g5 = gradient(dy_row, q + 5);
          var g6 = gradient(dy_row, q + 6);
          var g7 = gradient(dy_row, q + 7);
          for (var kw = run; kw < kw_end; kw += tap_step) {
            let g0 = gradient(dy_row, q);
            let w = weights(weight_rows, tap_row + kw);
            sum0 += w * g0;
            sum1 += w * g1;
            sum2 += w * g2;
            sum3 += w * g3;
            sum4 += w * g4;
            sum5 += w * g5;
            sum6 += w * g6;
            sum7 += w * g7;
            g7 = g6;
            g6 = g5;
            g5 = g4;
            g4 = g3;
            g3 = g2;
            g2 = g1;
            g1 = g0;
            q -= 1;
          }
        }
      }
    }
  }

  let plane = size.x * size.y * size.z;
  let count = min(CHANNELS, params.group_in - first);
  let to = (n * params.channels + g * params.group_in + first) * plane + (depth * size.y + row) * size.z + column;
  let columns = (size.z - column + stride.z - 1u) / stride.z;
  store(to, plane, count, sum0);
  if (columns > 1u) { store(to + stride.z, plane, count, sum1); }
  if (columns > 2u) { store(to + 2u * stride.z, plane, count, sum2); }
  if (columns > 3u) { store(to + 3u * stride.z, plane, count, sum3); }
  if (columns > 4u) { store(to + 4u * stride.z, plane, count, sum4); }
  if (columns > 5u) { store(to + 5u * stride.z, plane, count, sum5); }
  if (columns > 6u) { store(to + 6u * stride.z, plane, count, sum6); }
  if (columns > 7u) { store(to + 7u * stride.z, plane, count, sum7); }
}
