// dx[n, c, i] = bias[c] + sum over o, k of dy[n, o, q] * weight[o, c, k], where i = q * stride + k * dilation - padding:
// the gradient of a convolution with respect to its input, and the forward pass of a transposed convolution (which is
// where the bias comes from). Positions i of one phase, which are `stride` apart, use the same taps, `step` apart, and
// form an image of their own. A thread computes two blocks of four neighbouring columns of such an image, for four
// input channels (dense) or one (depthwise, or any group with one input channel), in one loop over output channels and
// chunks of taps. No workgroup memory.
// variants: dense depthwise
import package::lib::conv::{Conv, first_tap};
import package::lib::conv_taps::{Inputs, Rows, Sums, Weight, Weights, CHANNELS, TAPS, products, rows_of, sums_of};
import package::lib::grid::workgroup_index;

/// Specialized: whether to add to what dx holds.
const ACCUMULATE = 0u;

@group(0) @binding(0) var<uniform> params: Conv;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

/// Depth, row and first column of a block within the image of its phase.
fn block_of(index: u32, image: vec3<u32>) -> vec3<u32> {
  let across = (image.z + 3u) / 4u;
  let line = index / across;
  let slice = line / image.y;
  return vec3<u32>(slice, line - slice * image.y, (index - line * across) * 4u);
}

/// A row of dy: `column` of what starts at `line`, 0 outside. Columns before the first have wrapped around.
fn input(line: u32, limit: u32, column: u32) -> f32 {
  return select(0.0, dy[line + column], column < limit);
}

/// The gradients that a block needs, from `at` in a channel of dy of this size whose first row is `plane`. The last tap
/// of a chunk may be one that this phase lacks (not `whole`): it gets zeros, because even a weight of 0 would make NaN
/// of an infinite gradient.
fn inputs(plane: u32, at: vec3<u32>, size: vec3<u32>, whole: bool) -> Inputs {
  let inside = at.x < size.x && at.y < size.y;
  let limit = select(0u, size.z, inside);
  let line = ((plane + at.x) * size.y + at.y) * size.z;
  var t = Inputs();
  t.t0 = vec4<f32>(
    input(line, limit, at.z),
    input(line, limit, at.z + 1u),
    input(line, limit, at.z + 2u),
    input(line, limit, at.z + 3u),
  );
  if (TAPS > 1u) { t.t1 = vec4<f32>(t.t0.yzw, input(line, limit, at.z + 4u)); }
  if (TAPS > 2u) { t.t2 = vec4<f32>(t.t1.yzw, input(line, limit, at.z + 5u)); }
  if (TAPS > 3u) { t.t3 = vec4<f32>(t.t2.yzw, input(line, limit, at.z + 6u)); }
  if (TAPS > 4u) { t.t4 = vec4<f32>(t.t3.yzw, input(line, limit, at.z + 7u)); }
  if (TAPS > 5u) {
    t.t5 = vec4<f32>(t.t4.yzw, input(line, limit, at.z + 8u));
    t.t6 = vec4<f32>(t.t5.yzw, input(line, limit, at.z + 9u));
  }
  t.t0 = select(vec4<f32>(), t.t0, whole);
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

/// The weights of a chunk whose last tap is at `last` and comes first: it reads furthest to the left. Its weight is 0
/// where the phase lacks it (not `whole`).
fn weights(last: Rows, step: u32, whole: bool) -> Weights {
  var w = Weights();
  w.t0 = select(Weight(), weight_at(last), whole);
  if (TAPS > 1u) { w.t1 = weight_at(last - step); }
  if (TAPS > 2u) { w.t2 = weight_at(last - 2u * step); }
  if (TAPS > 3u) { w.t3 = weight_at(last - 3u * step); }
  if (TAPS > 4u) { w.t4 = weight_at(last - 4u * step); }
  if (TAPS > 5u) {
    w.t5 = weight_at(last - 5u * step);
    w.t6 = weight_at(last - 6u * step);
  }
  return w;
}

fn store(at: u32, inside: bool, value: f32) {
  if (inside) {
    if (ACCUMULATE == 1u) {
      dx[at] += value;
    } else {
      dx[at] = value;
    }
  }
}

/// Stores one channel of a block, as many columns as there are.
fn store_row(at: u32, columns: u32, values: vec4<f32>) {
  let step = params.stride.z;
  store(at, columns > 0u, values.x);
  store(at + step, columns > step, values.y);
  store(at + 2u * step, columns > 2u * step, values.z);
  store(at + 3u * step, columns > 3u * step, values.w);
}

/// Stores a block of `count` channels from `channel` on, whose first position is `start`.
fn store_block(channel: u32, count: u32, start: vec3<u32>, sums: Sums) {
  let size = params.size.x * params.size.y * params.size.z;
  let at = channel * size + (start.x * params.size.y + start.y) * params.size.z + start.z;
  let inside = all(start < params.size);
  let columns = select(0u, params.size.z - start.z, inside);
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
fn conv_backward_input(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let stride = params.stride;
  let step = params.step;
  // The image of one phase.
  let image = (params.size + stride - 1u) / stride;
  let pairs = (image.x * image.y * ((image.z + 3u) / 4u) + 1u) / 2u;
  let index = workgroup_index(group, groups) * 64u + local;
  let plane_of = index / pairs;
  let pair = index - plane_of * pairs;
  let tile_of = plane_of / stride.z / stride.y / stride.x;
  let tiles = (params.group_in + CHANNELS - 1u) / CHANNELS;
  let g = tile_of / tiles;
  let groups_of = params.channels / params.group_in;
  let n = g / groups_of;
  if (n >= params.batch) {
    return;
  }
  let group_index = g - n * groups_of;
  let first = (tile_of - g * tiles) * CHANNELS;
  let rows = rows_of(first, params.group_in - 1u);
  let phase = vec3<u32>(
    plane_of / stride.z / stride.y % stride.x,
    plane_of / stride.z % stride.y,
    plane_of % stride.z,
  );
  let block_a = block_of(2u * pair, image);
  let block_b = block_of(2u * pair + 1u, image);
  // The first tap that reaches this phase along each dimension; there is none where it is the step, or behind the last.
  let tap_first = vec3<u32>(
    first_tap(phase.x + params.padding.x, stride.x, params.dilation.x, step.x),
    first_tap(phase.y + params.padding.y, stride.y, params.dilation.y, step.y),
    first_tap(phase.z + params.padding.z, stride.z, params.dilation.z, step.z),
  );
  // Where the first tap reads for the first position (exact, maybe negative), and how far each further one moves.
  let source = vec3<u32>(vec3<i32>(phase + params.padding - tap_first * params.dilation) / vec3<i32>(stride));
  let shift = params.dilation * step / stride;
  let kernel = params.kernel;
  let reached = all(tap_first < min(step, kernel));
  // The taps of this phase; along a row, with the one that some phases lack, so that chunks divide them.
  let behind = select(tap_first, vec3<u32>(), vec3<bool>(!reached, !reached, true));
  let chain = (kernel - behind + step - 1u) / step;

  let start = sums_of(select(Weight(), bias_at(rows + group_index * params.group_in), params.bias != 0u));
  var sums_a = start;
  var sums_b = start;
  // Copies, because software adapters take long to read a uniform within a loop.
  let size = params.out;
  let taps = kernel.x * kernel.y * kernel.z;
  let next = params.group_in * taps;
  var at = (rows + group_index * params.group_out * params.group_in) * taps;
  var plane = (n * params.out_channels + group_index * params.group_out) * size.x;
  var tap = vec3<u32>();
  for (var i = select(0u, params.group_out * chain.x * chain.y * chain.z / TAPS, reached); i > 0u; i--) {
    let k = tap_first + tap * step;
    let last = k.z + (TAPS - 1u) * step.z;
    let whole = last < kernel.z;
    let w = weights(at + (k.x * kernel.y + k.y) * kernel.z + last, step.z, whole);
    let from_here = source - (tap + vec3<u32>(0u, 0u, TAPS - 1u)) * shift;
    sums_a += products(inputs(plane, block_a + from_here, size, whole), w);
    sums_b += products(inputs(plane, block_b + from_here, size, whole), w);
    tap.z += TAPS;
    let row_done = tap.z == chain.z;
    tap.y += u32(row_done);
    let slice_done = tap.y == chain.y;
    tap.x += u32(slice_done);
    let channel_done = tap.x == chain.x;
    plane += select(0u, size.x, channel_done);
    at += select(0u, next, channel_done);
    tap = select(tap, vec3<u32>(), vec3<bool>(channel_done, slice_done, row_done));
  }
  let channel = n * params.channels + group_index * params.group_in + first;
  let count = params.group_in - first;
  store_block(channel, count, block_a * stride + phase, sums_a);
  store_block(channel, count, block_b * stride + phase, sums_b);
}
