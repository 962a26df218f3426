// y[n, o, q] = bias[o] + sum over c, k of x[n, c, q * stride + k * dilation - padding] * weight[o, c, k].
// The gradient with respect to the input is the same with the channels' roles exchanged and the taps in reverse (flip),
// as long as the stride is 1.
// A thread computes four blocks of four neighbouring columns of y, for four output channels (dense) or one (depthwise,
// or any group with one output channel), in one loop over input channels and chunks of taps. The blocks are any that
// follow each other; or they are rows below each other, which share their inputs for three rows of taps at a time
// (TALL). No workgroup memory.
// variants: dense depthwise
import package::lib::conv::Conv;
import package::lib::conv_taps::{Inputs, Rows, Sums, Weight, Weights, CHANNELS, STRIDE, TAPS, products, rows_of, sums_of};
import package::lib::grid::workgroup_index;

/// Specialized: blocks below each other; the stride is 1, the kernel's height a multiple of 3 and its width TAPS.
const TALL = 0u;

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

/// The first of four blocks below each other.
fn tall_block_of(index: u32) -> vec3<u32> {
  let across = (params.out.z + 3u) / 4u;
  let down = (params.out.y + 3u) / 4u;
  let line = index / across;
  let slice = line / down;
  return vec3<u32>(slice, (line - slice * down) * 4u, (index - line * across) * 4u);
}

/// A row of x: `column` of what starts at `line`, 0 outside. Columns before the first have wrapped around.
fn input(line: u32, limit: u32, column: u32) -> f32 {
  return select(0.0, x[line + column], column < limit);
}

/// The inputs of a block that starts at `at` in a channel of x whose first row is `plane`.
fn inputs(plane: u32, at: vec3<u32>) -> Inputs {
  let inside = at.x < params.size.x && at.y < params.size.y;
  let limit = select(0u, params.size.z, inside);
  let line = ((plane + at.x) * params.size.y + at.y) * params.size.z;
  let d = params.spacing;
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

/// Where the weights are that lie `taps` taps behind those at `rows`.
fn behind(rows: Rows, taps: u32) -> Rows {
  // 1, or -1 in wrapping arithmetic.
  return rows + taps * (1u - 2u * params.flip);
}

/// The weights of a chunk of taps, the first of which is at `rows`.
fn weights(rows: Rows) -> Weights {
  var w = Weights();
  w.t0 = weight_at(rows);
  if (TAPS > 1u) { w.t1 = weight_at(behind(rows, 1u)); }
  if (TAPS > 2u) { w.t2 = weight_at(behind(rows, 2u)); }
  if (TAPS > 3u) { w.t3 = weight_at(behind(rows, 3u)); }
  if (TAPS > 4u) { w.t4 = weight_at(behind(rows, 4u)); }
  if (TAPS > 5u) {
    w.t5 = weight_at(behind(rows, 5u));
    w.t6 = weight_at(behind(rows, 6u));
  }
  return w;
}

fn store(at: u32, inside: bool, value: f32) {
  if (inside) {
    if (params.accumulate != 0u) {
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
  let inside = start.x < params.out.x && start.y < params.out.y;
  let columns = select(0u, params.out.z - start.z, inside);
  @if(depthwise) {
    store_row(at, columns, sums);
  }
  @if(dense) {
    var rows = sums;
    for (var i = 0u; i < min(count, 4u); i++) {
      store_row(at + i * size, columns, rows[i]);
    }
  }
}

@compute @workgroup_size(64)
fn conv_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let out = params.out;
  let across = (out.z + 3u) / 4u;
  var blocks = (out.x * out.y * across + 3u) / 4u;
  if (TALL == 1u) {
    blocks = out.x * ((out.y + 3u) / 4u) * across;
  }
  let tiles = (params.group_out + CHANNELS - 1u) / CHANNELS;
  let index = workgroup_index(group, groups) * 64u + local;
  let tile = index / blocks;
  let g = tile / tiles;
  let groups_of = params.out_channels / params.group_out;
  let n = g / groups_of;
  if (n >= params.batch) {
    return;
  }
  let group_index = g - n * groups_of;
  let first = group_index * params.group_out + (tile - g * tiles) * CHANNELS;
  let last = (group_index + 1u) * params.group_out - 1u;
  let rows = rows_of(first, last);
  let four = index - tile * blocks;
  var block_a = block_of(4u * four);
  var block_b = block_of(4u * four + 1u);
  var block_c = block_of(4u * four + 2u);
  var block_d = block_of(4u * four + 3u);
  if (TALL == 1u) {
    block_a = tall_block_of(four);
    block_b = block_a + vec3<u32>(0u, 1u, 0u);
    block_c = block_a + vec3<u32>(0u, 2u, 0u);
    block_d = block_a + vec3<u32>(0u, 3u, 0u);
  }
  let start_a = block_a * params.stride - params.padding;
  let start_b = block_b * params.stride - params.padding;
  let start_c = block_c * params.stride - params.padding;
  let start_d = block_d * params.stride - params.padding;

  let start = sums_of(select(Weight(), bias_at(rows), params.bias != 0u));
  var sums_a = start;
  var sums_b = start;
  var sums_c = start;
  var sums_d = start;
  let taps = params.kernel.x * params.kernel.y * params.kernel.z;
  var at = rows * params.group_in * taps;
  var channel_step = taps;
  if (params.flip != 0u) {
    let base = group_index * params.group_in * params.group_out - group_index * params.group_out;
    at = (rows + base) * taps + taps - 1u;
    channel_step = params.group_out * taps;
  }
  var channel_at = at;
  // Products with the stride of the channels, so that the loop needs no division.
  var plane = (n * params.channels + group_index * params.group_in) * params.size.x;
  var tap = vec3<u32>();
  let tap_rows = select(1u, 3u, TALL == 1u);
  for (var i = params.group_in * taps / (TAPS * tap_rows); i > 0u; i--) {
    let offset = tap * params.dilation;
    let w = weights(at);
    if (TALL == 1u) {
      let w1 = weights(behind(at, TAPS));
      let w2 = weights(behind(at, 2u * TAPS));
      let from_here = start_a + offset;
      let row0 = inputs(plane, from_here);
      let row1 = inputs(plane, from_here + vec3<u32>(0u, 1u, 0u));
      let row2 = inputs(plane, from_here + vec3<u32>(0u, 2u, 0u));
      let row3 = inputs(plane, from_here + vec3<u32>(0u, 3u, 0u));
      let row4 = inputs(plane, from_here + vec3<u32>(0u, 4u, 0u));
      let row5 = inputs(plane, from_here + vec3<u32>(0u, 5u, 0u));
      sums_a += products(row0, w) + products(row1, w1) + products(row2, w2);
      sums_b += products(row1, w) + products(row2, w1) + products(row3, w2);
      sums_c += products(row2, w) + products(row3, w1) + products(row4, w2);
      sums_d += products(row3, w) + products(row4, w1) + products(row5, w2);
    } else {
      sums_a += products(inputs(plane, start_a + offset), w);
      sums_b += products(inputs(plane, start_b + offset), w);
      sums_c += products(inputs(plane, start_c + offset), w);
      sums_d += products(inputs(plane, start_d + offset), w);
    }
    tap.z += TAPS;
    let row_done = tap.z == params.kernel.z;
    tap.y += select(0u, tap_rows, row_done);
    let slice_done = tap.y == params.kernel.y;
    tap.x += u32(slice_done);
    let channel_done = tap.x == params.kernel.x;
    plane += select(0u, params.size.x, channel_done);
    channel_at += select(0u, channel_step, channel_done);
    at = select(behind(at, TAPS * tap_rows), channel_at, channel_done);
    tap = select(tap, vec3<u32>(), vec3<bool>(channel_done, slice_done, row_done));
  }
  let count = last - first + 1u;
  let channel = n * params.out_channels + first;
  var sums = array<Sums, 4>(sums_a, sums_b, sums_c, sums_d);
  var starts = array<vec3<u32>, 4>(block_a, block_b, block_c, block_d);
  for (var i = 0u; i < 4u; i++) {
    store_block(channel, count, starts[i], sums[i]);
  }
}
