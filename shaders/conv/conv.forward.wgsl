// y[n, r, p] = bias[r] + sum over s, t of x[n, s, i] * weight[..], where position p of y reads x at i = q * stride + t *
// shift + origin for its taps t. This is the forward pass of a convolution (q = p, s its input channels, r its output
// channels), and also the gradient with respect to its input, which is the forward pass of a transposed convolution:
// dx[n, c, i] = bias[c] + sum over o, k of dy[n, o, q] * weight[o, c, k], where i = q * stride + k * dilation - padding.
// That runs through the taps backwards, and positions i of one phase, which are `stride` apart, use the same taps, `step`
// apart, and form an image of their own (PHASES).
// A thread computes two blocks of four neighbouring columns of such an image, below each other or in a row, for four
// channels r (dense; quadShuffle, where each of four neighbouring threads reads the weights of one) or one
// (depthwise, or any
// group with one). Where taps are as far apart as rows, the first block reads for a row of taps what the second one read
// for the row of taps before. No workgroup memory.
// rounds: most_rounds * (1 + min(SHARED, max(2 - SHARED, 0)) * (ceil(kernel.y / (1 + PHASES * (step.y - 1))) + 1)) + 4 + PHASES * (step.x + step.y + step.z)
// variants: dense depthwise quadShuffle
// lowering reads: LANES
import package::lib::conv::first_tap;
import package::lib::conv_taps::{Rows, Sums, Weight, Weights, Window, CHANNELS, LANES, STRIDE, TAPS, gathered, inputs_of, least_of_lanes, most_of_lanes, products, rows_of, sums_of};
import package::lib::grid::workgroup_index;

@if(quadShuffle) enable subgroups;
// Control flow is quad-uniform.
@if(quadShuffle) diagnostic(off, subgroup_uniformity);

/// Compile-time constant: whether to add to what y holds.
const ACCUMULATE = 0u;
/// Compile-time constant: whether there are several phases.
const PHASES = 0u;
/// Compile-time constant: whether rows of taps share rows of x: 0 not, 1 in a loop over them, 3 as three that are
/// written out.
const SHARED = 0u;
/// Compile-time constant: whether to leave the loop at the end of its last round. Else CPU adapters run the body once
/// more,
/// masked; but to be able to leave there costs them a tenth of every round.
const LEAVES = 0u;
/// Compile-time constant: whether the sum takes several dispatches.
const IN_PARTS = 0u;

struct Params {
  /// Spatial size of x.
  size: vec3<u32>,
  batch: u32,
  /// Spatial size of y.
  out: vec3<u32>,
  groups: u32,
  /// Positions of a phase; `out` if there is one phase.
  image: vec3<u32>,
  /// Channels r of a group.
  rows: u32,
  kernel: vec3<u32>,
  /// Channels s of a group.
  inner: u32,
  /// Distance in x between neighbouring positions of a phase.
  stride: vec3<u32>,
  /// Distance in the weight between channels r.
  row_step: u32,
  /// Distance in x between neighbouring taps of a phase.
  shift: vec3<u32>,
  /// Distance in the weight between channels s.
  inner_step: u32,
  /// Where the first tap of the first position lies; with PHASES, the zeros before the first element.
  origin: vec3<u32>,
  /// Distance in the weight between groups.
  group_step: u32,
  /// Phases, and so the distance in y between neighbouring positions of one.
  phases: vec3<u32>,
  /// 1 when there is a bias.
  bias: u32,
  /// With PHASES: how far apart the taps of a phase are.
  step: vec3<u32>,
  /// 1 if taps run backwards.
  backwards: u32,
  dilation: vec3<u32>,
  /// Distance in a row of x between the inputs of neighbouring taps of a chunk.
  spacing: u32,
  /// Rows and columns of y that a thread computes.
  tile: vec2<u32>,
  /// With IN_PARTS: the rounds of the loop over channels and taps that this dispatch does.
  first_round: u32,
  most_rounds: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

/// A row of x: `column` of what starts at `line`, 0 outside. Columns before the first have wrapped around.
fn input(line: u32, limit: u32, column: u32) -> f32 {
  return select(0.0, x[line + column], column < limit);
}

/// The inputs of a block that starts at row and column `corner` of an image whose first row is `lines`; rows are `limit`
/// long, and neighbouring taps `d` apart.
fn window(lines: u32, corner: vec2<u32>, size: vec3<u32>, length: u32, d: u32) -> Window {
  let line = (lines + corner.x) * size.z;
  let limit = select(0u, length, corner.x < size.y);
  let column = corner.y;
  let s = STRIDE * d;
  let end = column + 3u * s;
  var w = Window();
  w.a = vec4<f32>(
    input(line, limit, column),
    input(line, limit, column + s),
    input(line, limit, column + 2u * s),
    input(line, limit, end),
  );
  if (STRIDE == 1u) {
    if (TAPS > 1u) { w.b.x = input(line, limit, end + d); }
    if (TAPS > 2u) { w.b.y = input(line, limit, end + 2u * d); }
    if (TAPS > 3u) { w.b.z = input(line, limit, end + 3u * d); }
    if (TAPS > 4u) { w.b.w = input(line, limit, end + 4u * d); }
    if (TAPS > 5u) {
      w.c.x = input(line, limit, end + 5u * d);
      w.c.y = input(line, limit, end + 6u * d);
    }
  } else {
    w.b = vec4<f32>(
      input(line, limit, column + d),
      input(line, limit, column + d + s),
      input(line, limit, column + d + 2u * s),
      input(line, limit, end + d),
    );
    if (TAPS > 2u) { w.c.x = input(line, limit, end + 2u * d); }
    if (TAPS > 3u) { w.c.y = input(line, limit, end + 3u * d); }
    if (TAPS > 4u) { w.c.z = input(line, limit, end + 4u * d); }
    if (TAPS > 5u) {
      w.c.w = input(line, limit, end + 5u * d);
      w.d = input(line, limit, end + 6u * d);
    }
  }
  return w;
}

@if(dense) fn weight_at(rows: Rows) -> Weight {
  return vec4<f32>(weight[rows.x], weight[rows.y], weight[rows.z], weight[rows.w]);
}
@if(!dense) fn weight_at(row: Rows) -> Weight { return gathered(weight[row]); }

@if(dense) fn bias_at(rows: Rows) -> Weight {
  return vec4<f32>(bias[rows.x], bias[rows.y], bias[rows.z], bias[rows.w]);
}
@if(!dense) fn bias_at(row: Rows) -> Weight { return gathered(bias[row]); }

/// The weights of a chunk of taps, the first of which is at `rows`.
fn weights(rows: Rows, step: u32, whole: bool) -> Weights {
  var w = Weights();
  w.t0 = weight_at(rows);
  if (PHASES == 1u) {
    w.t0 = select(Weight(), w.t0, whole);
  }
  if (TAPS > 1u) { w.t1 = weight_at(rows + step); }
  if (TAPS > 2u) { w.t2 = weight_at(rows + 2u * step); }
  if (TAPS > 3u) { w.t3 = weight_at(rows + 3u * step); }
  if (TAPS > 4u) { w.t4 = weight_at(rows + 4u * step); }
  if (TAPS > 5u) {
    w.t5 = weight_at(rows + 5u * step);
    w.t6 = weight_at(rows + 6u * step);
  }
  return w;
}

/// What a chunk adds to a block. A first tap that this phase lacks (not `whole`) gets zeros as inputs too, because even a
/// weight of 0 would make NaN of an infinite gradient.
fn product(w: Window, weights: Weights, whole: bool) -> Sums {
  var inputs = inputs_of(w);
  if (PHASES == 1u) {
    inputs.t0 = select(vec4<f32>(), inputs.t0, whole);
  }
  return products(inputs, weights);
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
  let step = params.phases.z;
  store(at, columns > 0u, values.x);
  store(at + step, columns > step, values.y);
  store(at + 2u * step, columns > 2u * step, values.z);
  store(at + 3u * step, columns > 3u * step, values.w);
}

/// Stores a block of at most `count` channels from `channel` on, whose first position is `start`.
fn store_block(channel: u32, count: u32, lane: u32, start: vec3<u32>, sums: Sums) {
  let out = params.out;
  let size = out.x * out.y * out.z;
  let at = (start.x * out.y + start.y) * out.z + start.z;
  let columns = select(0u, out.z - start.z, all(start < out));
  @if(depthwise) {
    store_row(at + channel * size, select(0u, columns, count > 0u), sums);
  }
  @if(!depthwise) {
    store_row(at + (channel + lane) * size, select(0u, columns, count > lane), sums[0]);
    store_row(at + (channel + (lane ^ 1u)) * size, select(0u, columns, count > (lane ^ 1u)), sums[1]);
    store_row(at + (channel + (lane ^ 2u)) * size, select(0u, columns, count > (lane ^ 2u)), sums[2]);
    store_row(at + (channel + (lane ^ 3u)) * size, select(0u, columns, count > (lane ^ 3u)), sums[3]);
  }
}

@compute @workgroup_size(64)
fn conv_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
  @if(quadShuffle) @builtin(subgroup_invocation_id) invocation: u32,
) {
  @if(quadShuffle) let lane = invocation % 4u;
  @if(!quadShuffle) let lane = 0u;
  // Copies, because CPU adapters take long to read a uniform within a loop.
  let size = params.size;
  let image = params.image;
  let tile = params.tile;
  let phases = params.phases;
  let kernel = params.kernel;
  let stride = params.stride;
  let shift = params.shift;
  let across = (image.z + tile.y - 1u) / tile.y;
  let down = (image.y + tile.x - 1u) / tile.x;
  let cells = image.x * down * across;
  // Threads of a quad share their channels.
  let per_tile = (params.batch * cells + LANES - 1u) / LANES * LANES;
  let tiles = (params.rows + CHANNELS - 1u) / CHANNELS;
  let index = workgroup_index(group, groups) * 64u + local;
  let part = index / per_tile;
  let cell_of = index - part * per_tile;
  var tile_of = part;
  var phase = vec3<u32>();
  if (PHASES == 1u) {
    let line_of = part / phases.z;
    let slice_of = line_of / phases.y;
    tile_of = slice_of / phases.x;
    phase = vec3<u32>(slice_of - tile_of * phases.x, line_of - slice_of * phases.y, part - line_of * phases.z);
  }
  let g = tile_of / tiles;
  if (g >= params.groups) {
    return;
  }
  let first = (tile_of - g * tiles) * CHANNELS;
  let rows = rows_of(first, params.rows - 1u, lane);
  let n = cell_of / cells;
  let cell = cell_of - n * cells;
  let line = cell / across;
  let slice = line / down;
  let place = vec3<u32>(slice, (line - slice * down) * tile.x, (cell - line * across) * tile.y);

  // The taps: how many along each dimension, the first in the order of x, and how to come from one to the next.
  var chain = kernel;
  var origin = params.origin;
  var tap = select(vec3<u32>(), kernel - 1u, params.backwards != 0u);
  var step = select(vec3<u32>(1u), vec3<u32>(0xffffffffu), params.backwards != 0u);
  var reached = true;
  if (PHASES == 1u) {
    let apart = params.step;
    let padded = phase + params.origin;
    // The first tap that reaches this phase along each dimension; there is none where it is the step, or behind the last.
    let tap_first = vec3<u32>(
      first_tap(padded.x, phases.x, params.dilation.x, apart.x),
      first_tap(padded.y, phases.y, params.dilation.y, apart.y),
      first_tap(padded.z, phases.z, params.dilation.z, apart.z),
    );
    reached = all(tap_first < min(apart, kernel));
    // Along a row, with the one that some phases lack, so that chunks divide them.
    let behind = select(tap_first, vec3<u32>(), vec3<bool>(!reached, !reached, true));
    chain = (kernel - behind + apart - 1u) / apart;
    // Where the first tap reads for the first position (exact, maybe negative); the last one reads furthest to the left.
    let source = vec3<u32>(vec3<i32>(padded - tap_first * params.dilation) / vec3<i32>(phases));
    origin = source - (chain - 1u) * shift;
    tap = tap_first + (chain - 1u) * apart;
    step = vec3<u32>() - apart;
  }
  let whole = tap.z < kernel.z;
  // Distances in the weight.
  let taps_from = (tap.x * kernel.y + tap.y) * kernel.z + tap.z;
  let tap_steps = step * vec3<u32>(kernel.y * kernel.z, kernel.z, 1u);

  let start = sums_of(select(Weight(), bias_at(rows + g * params.rows), params.bias != 0u));
  var sums_a = start;
  var sums_b = start;
  let spacing = params.spacing;
  let inner_step = params.inner_step;
  // From the first block to the second.
  let tall = tile.x > 1u;
  let next = select(vec2<u32>(0u, 4u * stride.z), vec2<u32>(stride.y, 0u), tall);
  let from_here = place * stride + origin;
  var plane = (n * params.groups + g) * params.inner * size.x;
  var weights_from = rows * params.row_step + (g * params.group_step + taps_from);
  let chain_rows = select(chain.y, 1u, SHARED > 0u);
  // Of shared rows, those between which at least one of the quad's blocks lies inside x; one at least.
  var rows_from = 0u;
  var rows_end = chain.y;
  if (SHARED == 1u) {
    let top = i32(from_here.y);
    let apart = i32(stride.y);
    rows_from = least_of_lanes(min(u32(max(-top - 1, 0) / apart), chain.y - 1u));
    rows_end = max(most_of_lanes(min(u32(max(i32(size.y) - top + apart - 1, 0) / apart), chain.y)), rows_from + 1u);
  }
  // Slice, row and first column of taps.
  var at = vec3<u32>();
  var rounds = select(0u, params.inner * chain.x * chain_rows * (chain.z / TAPS), reached);
  if (IN_PARTS == 1u) {
    let begin = min(params.first_round, rounds);
    rounds = min(rounds - begin, params.most_rounds);
    let chunks = max(chain.z / TAPS, 1u);
    let row = begin / chunks;
    let depth = row / chain_rows;
    let channel = depth / chain.x;
    at = vec3<u32>(depth - channel * chain.x, row - depth * chain_rows, (begin - row * chunks) * TAPS);
    plane += channel * size.x;
    weights_from += channel * inner_step;
  }
  for (var i = rounds; i > 0u; i--) {
    let full = whole || at.z > 0u;
    let depth = from_here.x + at.x * shift.x;
    let lines = (plane + depth) * size.y;
    let limit = select(0u, size.z, depth < size.x);
    let corner = from_here.yz + vec2<u32>(at.y + rows_from, at.z) * shift.yz;
    let tap_at = weights_from + (at.x * tap_steps.x + (at.y + rows_from) * tap_steps.y + at.z * tap_steps.z);
    let a = window(lines, corner, size, limit, spacing);
    if (SHARED == 1u) {
      var above = a;
      var row = corner + next;
      var row_at = tap_at;
      var rows_left = rows_end - rows_from;
      loop {
        let b = window(lines, row, size, limit, spacing);
        let w = weights(row_at, step.z, full);
        sums_a += product(above, w, full);
        sums_b += product(b, w, full);
        above = b;
        row += next;
        row_at += tap_steps.y;
        rows_left--;
        continuing {
          break if rows_left == 0u;
        }
      }
    } else {
      let b = window(lines, corner + next, size, limit, spacing);
      let upper = weights(tap_at, step.z, full);
      if (SHARED == 3u) {
        let c = window(lines, corner + 2u * next, size, limit, spacing);
        let d = window(lines, corner + 3u * next, size, limit, spacing);
        let middle = weights(tap_at + tap_steps.y, step.z, full);
        let lower = weights(tap_at + 2u * tap_steps.y, step.z, full);
        sums_a += product(a, upper, full) + product(b, middle, full) + product(c, lower, full);
        sums_b += product(b, upper, full) + product(c, middle, full) + product(d, lower, full);
      } else {
        sums_a += product(a, upper, full);
        sums_b += product(b, upper, full);
      }
    }
    at.z += TAPS;
    let row_done = at.z == chain.z;
    at.y += u32(row_done);
    let slice_done = at.y == chain_rows;
    at.x += u32(slice_done);
    let channel_done = at.x == chain.x;
    plane += select(0u, size.x, channel_done);
    weights_from += select(0u, inner_step, channel_done);
    at = select(at, vec3<u32>(), vec3<bool>(channel_done, slice_done, row_done));
    if (LEAVES == 1u) {
      if (i == 1u) {
        break;
      }
    }
  }
  let channel = (n * params.groups + g) * params.rows + first;
  let count = select(0u, params.rows - first, n < params.batch);
  let to = place * phases + phase;
  store_block(channel, count, lane, to, sums_a);
  store_block(channel, count, lane, to + select(vec3<u32>(0u, 0u, 4u), vec3<u32>(0u, 1u, 0u), tall) * phases, sums_b);
}
