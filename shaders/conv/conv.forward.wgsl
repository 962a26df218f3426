// y[n, o, q] = bias[o] + sum over c, k of x[n, c, q * stride + k * dilation - padding] * weight[o, c, k].
// A thread computes two blocks of four neighbouring columns of y, for four output channels (dense) or one (depthwise,
// or any group with one output channel), in one loop over input channels and chunks of taps. No workgroup memory.
// variants: dense depthwise
import package::lib::conv::Conv;
import package::lib::conv_taps::{Inputs, Rows, Sums, Weight, Weights, CHANNELS, STRIDE, TAPS, products, rows_of, sums_of};
import package::lib::grid::workgroup_index;

/// Specialized: whether to add to what y holds.
const ACCUMULATE = 0u;

@group(0) @binding(0) var<uniform> params: Conv;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

/// Depth, row and first column of a block; the depth is params.out.x or more for those behind the last.
fn block_of(index: u32) -> vec3<u32> {
  let across = (params.out.z + 3u) / 4u;
  let line = index / across;
  let slice = line / params.out.y;
  return vec3<u32>(slice, line - slice * params.out.y, (index - line * across) * 4u);
}

/// A row of x: `column` of what starts at `line`, 0 outside. Columns before the first have wrapped around.
fn input(line: u32, limit: u32, column: u32) -> f32 {
  return select(0.0, x[line + column], column < limit);
}

/// The inputs of a block that starts at `at` in a channel of x of this size whose first row is `plane`; neighbouring
/// taps are `d` apart.
fn inputs(plane: u32, at: vec3<u32>, size: vec3<u32>, d: u32) -> Inputs {
  let inside = at.x < size.x && at.y < size.y;
  let limit = select(0u, size.z, inside);
  let line = ((plane + at.x) * size.y + at.y) * size.z;
  let s = STRIDE * d;
  let end = at.z + 3u * s;
  var t = Inputs();
  t.t0 = vec4<f32>(
    input(line, limit, at.z),
    input(line, limit, at.z + s),
    input(line, limit, at.z + 2u * s),
    input(line, limit, end),
  );
  if (TAPS > 1u) {
    if (STRIDE == 1u) {
      t.t1 = vec4<f32>(t.t0.yzw, input(line, limit, end + d));
    } else {
      t.t1 = vec4<f32>(
        input(line, limit, at.z + d),
        input(line, limit, at.z + d + s),
        input(line, limit, at.z + d + 2u * s),
        input(line, limit, end + d),
      );
    }
  }
  // From here on a tap reads what the tap STRIDE before it read, one column further.
  if (TAPS > 2u) { t.t2 = vec4<f32>(select(t.t0, t.t1, STRIDE == 1u).yzw, input(line, limit, end + 2u * d)); }
  if (TAPS > 3u) { t.t3 = vec4<f32>(select(t.t1, t.t2, STRIDE == 1u).yzw, input(line, limit, end + 3u * d)); }
  if (TAPS > 4u) { t.t4 = vec4<f32>(select(t.t2, t.t3, STRIDE == 1u).yzw, input(line, limit, end + 4u * d)); }
  if (TAPS > 5u) {
    t.t5 = vec4<f32>(select(t.t3, t.t4, STRIDE == 1u).yzw, input(line, limit, end + 5u * d));
    t.t6 = vec4<f32>(select(t.t4, t.t5, STRIDE == 1u).yzw, input(line, limit, end + 6u * d));
  }
  return t;
}

@if(dense) fn weight_at(rows: Rows) -> Weight {
  return vec4<f32>(weight[rows.x], weight[rows.y], weight[rows.z], weight[rows.w]);
}
@if(depthwise) fn weight_at(rows: Rows) -> Weight { return weight[rows]; }

@if(dense) fn bias_at(rows: Rows) -> Weight {
  return vec4<f32>(bias[rows.x], bias[rows.y], bias[rows.z], bias[rows.w]);
}
@if(depthwise) fn bias_at(rows: Rows) -> Weight { return bias[rows]; }

/// The weights of a chunk of taps, the first of which is at `rows`.
fn weights(rows: Rows) -> Weights {
  var w = Weights();
  w.t0 = weight_at(rows);
  if (TAPS > 1u) { w.t1 = weight_at(rows + 1u); }
  if (TAPS > 2u) { w.t2 = weight_at(rows + 2u); }
  if (TAPS > 3u) { w.t3 = weight_at(rows + 3u); }
  if (TAPS > 4u) { w.t4 = weight_at(rows + 4u); }
  if (TAPS > 5u) {
    w.t5 = weight_at(rows + 5u);
    w.t6 = weight_at(rows + 6u);
  }
  return w;
}

fn store(at: u32, inside: bool, value: f32) {
  if (inside) {
    if (ACCUMULATE == 1u) {
      y[at] += value;
    } else {
      y[at] = value;
    }
  }
}

/// Stores one channel of a block, as many columns as there are.
fn store_row(at: u32, columns: u32, values: vec4<f32>) {
  store(at, columns > 0u, values.x);
  store(at + 1u, columns > 1u, values.y);
  store(at + 2u, columns > 2u, values.z);
  store(at + 3u, columns > 3u, values.w);
}

/// Stores a block of `count` channels from `channel` on.
fn store_block(channel: u32, count: u32, start: vec3<u32>, sums: Sums) {
  let size = params.out.x * params.out.y * params.out.z;
  let at = channel * size + (start.x * params.out.y + start.y) * params.out.z + start.z;
  let columns = select(0u, params.out.z - start.z, start.x < params.out.x);
  @if(depthwise) {
    store_row(at, columns, sums);
  }
  @if(dense) {
    store_row(at, columns, sums[0]);
    store_row(at + size, select(0u, columns, count > 1u), sums[1]);
    store_row(at + 2u * size, select(0u, columns, count > 2u), sums[2]);
    store_row(at + 3u * size, select(0u, columns, count > 3u), sums[3]);
  }
}

@compute @workgroup_size(64)
fn conv_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let out = params.out;
  let pairs = (out.x * out.y * ((out.z + 3u) / 4u) + 1u) / 2u;
  let tiles = (params.group_out + CHANNELS - 1u) / CHANNELS;
  let index = workgroup_index(group, groups) * 64u + local;
  let tile = index / pairs;
  let g = tile / tiles;
  let groups_of = params.out_channels / params.group_out;
  let n = g / groups_of;
  if (n >= params.batch) {
    return;
  }
  let first = (g - n * groups_of) * params.group_out + (tile - g * tiles) * CHANNELS;
  let last = (g - n * groups_of + 1u) * params.group_out - 1u;
  let rows = rows_of(first, last);
  let block_a = block_of(2u * (index - tile * pairs));
  let block_b = block_of(2u * (index - tile * pairs) + 1u);
  let start_a = block_a * params.stride - params.padding;
  let start_b = block_b * params.stride - params.padding;

  let start = sums_of(select(Weight(), bias_at(rows), params.bias != 0u));
  var sums_a = start;
  var sums_b = start;
  // Copies, because software adapters take long to read a uniform within a loop.
  let size = params.size;
  let kernel = params.kernel;
  let dilation = params.dilation;
  let spacing = params.spacing;
  let taps = kernel.x * kernel.y * kernel.z;
  var at = rows * params.group_in * taps;
  // Products with the stride of the channels, so that the loop needs no division.
  var plane = (n * params.channels + (g - n * groups_of) * params.group_in) * size.x;
  var tap = vec3<u32>();
  for (var i = params.group_in * taps / TAPS; i > 0u; i--) {
    let w = weights(at);
    let offset = tap * dilation;
    sums_a += products(inputs(plane, start_a + offset, size, spacing), w);
    sums_b += products(inputs(plane, start_b + offset, size, spacing), w);
    at += TAPS;
    tap.z += TAPS;
    let row_done = tap.z == kernel.z;
    tap.y += u32(row_done);
    let slice_done = tap.y == kernel.y;
    tap.x += u32(slice_done);
    let channel_done = tap.x == kernel.x;
    plane += select(0u, size.x, channel_done);
    tap = select(tap, vec3<u32>(), vec3<bool>(channel_done, slice_done, row_done));
  }
  let count = last - first + 1u;
  store_block(n * params.out_channels + first, count, block_a, sums_a);
  store_block(n * params.out_channels + first, count, block_b, sums_b);
}
