// partial[s, o, j] = sum over the positions (n, q) of slice s of dy[n, o, q] * column_j[n, q]: the first of two passes
// for dweight and dbias. Column j < group_in * taps is what tap j of the group reads: x[n, c, q * stride + k * dilation
// - padding]; with a bias there is one more column, of ones.
// A thread computes a chunk of taps for two rows of taps and four output channels (dense) or one (depthwise, or any
// group with one output channel), in one loop over blocks of four neighbouring columns of dy. With TALL it takes three
// rows of taps that follow each other and two rows of dy at a time, which share their inputs. Each slice is a run of
// such blocks; there are enough slices to keep the GPU busy.
// rounds: ceil(batch * out.x * ceil(out.y / (1 + TALL)) * ceil(out.z / 4) / slices) + 1
// variants: dense depthwise quadShuffle
import package::lib::conv::Conv;
import package::lib::conv_taps::{Inputs, Rows, Sums, Weight, Weights, CHANNELS, LANES, STRIDE, TAPS, add_dots, rows_of};
import package::lib::grid::workgroup_index;

@if(quadShuffle) enable subgroups;
// Control flow is quad-uniform.
@if(quadShuffle) diagnostic(off, subgroup_uniformity);

/// Compile-time constant: three rows of taps at once; the stride is 1 and the kernel's height a multiple of 3.
const TALL = 0u;

@group(0) @binding(0) var<uniform> params: Conv;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

/// A row of taps: channel of the group, and (depth, row, column) of its first tap relative to the position.
struct Line {
  channel: u32,
  offset: vec3<u32>,
  /// Whether it is a row of taps at all, not the column of ones.
  real: bool,
}

fn line_of(index: u32, tap: u32) -> Line {
  let kernel = params.kernel;
  let slice = index / kernel.y;
  let channel = slice / kernel.x;
  let taps = vec3<u32>(slice - channel * kernel.x, index - slice * kernel.y, tap);
  return Line(channel, taps * params.dilation - params.padding, channel < params.group_in);
}

/// A row of x: `column` of what starts at `line`, `outside` beyond it. Columns before the first have wrapped around.
fn input(line: u32, limit: u32, column: u32, outside: f32) -> f32 {
  return select(outside, x[line + column], column < limit);
}

/// The inputs of a block that starts at `at` in a channel of x of this size whose first row is `plane`; neighbouring
/// taps are `d` apart.
fn inputs(plane: u32, at: vec3<u32>, size: vec3<u32>, d: u32, real: bool) -> Inputs {
  let outside = select(1.0, 0.0, real);
  let inside = real && at.x < size.x && at.y < size.y;
  let limit = select(0u, size.z, inside);
  let line = ((plane + at.x) * size.y + at.y) * size.z;
  let s = STRIDE * d;
  let end = at.z + 3u * s;
  var t = Inputs();
  t.t0 = vec4<f32>(
    input(line, limit, at.z, outside),
    input(line, limit, at.z + s, outside),
    input(line, limit, at.z + 2u * s, outside),
    input(line, limit, end, outside),
  );
  if (TAPS > 1u) {
    if (STRIDE == 1u) {
      t.t1 = vec4<f32>(t.t0.yzw, input(line, limit, end + d, outside));
    } else {
      t.t1 = vec4<f32>(
        input(line, limit, at.z + d, outside),
        input(line, limit, at.z + d + s, outside),
        input(line, limit, at.z + d + 2u * s, outside),
        input(line, limit, end + d, outside),
      );
    }
  }
  // From here on a tap reads what the tap STRIDE before it read, one column further.
  if (TAPS > 2u) { t.t2 = vec4<f32>(select(t.t0, t.t1, STRIDE == 1u).yzw, input(line, limit, end + 2u * d, outside)); }
  if (TAPS > 3u) { t.t3 = vec4<f32>(select(t.t1, t.t2, STRIDE == 1u).yzw, input(line, limit, end + 3u * d, outside)); }
  if (TAPS > 4u) { t.t4 = vec4<f32>(select(t.t2, t.t3, STRIDE == 1u).yzw, input(line, limit, end + 4u * d, outside)); }
  if (TAPS > 5u) {
    t.t5 = vec4<f32>(select(t.t3, t.t4, STRIDE == 1u).yzw, input(line, limit, end + 5u * d, outside));
    t.t6 = vec4<f32>(select(t.t4, t.t5, STRIDE == 1u).yzw, input(line, limit, end + 6u * d, outside));
  }
  return t;
}

fn gradient(line: u32, column: u32, limit: u32) -> f32 {
  return select(0.0, dy[line + column], column < limit);
}

/// The gradients of four columns in one channel; `limit` is the length of a row.
fn gradient_row(line: u32, column: u32, limit: u32) -> vec4<f32> {
  return vec4<f32>(
    gradient(line, column, limit),
    gradient(line, column + 1u, limit),
    gradient(line, column + 2u, limit),
    gradient(line, column + 3u, limit),
  );
}

/// The gradients of four columns; `lines` are the rows of dy per channel.
@if(dense) fn gradients(lines: Rows, column: u32, limit: u32) -> Sums {
  return mat4x4<f32>(
    gradient_row(lines.x, column, limit),
    gradient_row(lines.y, column, limit),
    gradient_row(lines.z, column, limit),
    gradient_row(lines.w, column, limit),
  );
}
@if(quadShuffle) fn gradients(line: Rows, column: u32, limit: u32) -> Sums {
  let own = gradient_row(line, column, limit);
  return mat4x4<f32>(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}
@if(depthwise) fn gradients(line: Rows, column: u32, limit: u32) -> Sums {
  return gradient_row(line, column, limit);
}

@if(!depthwise) fn store(at: u32, columns: u32, count: u32, lane: u32, sums: Weight) {
  if (count > lane) { partial[at + lane * columns] = sums.x; }
  if (count > (lane ^ 1u)) { partial[at + (lane ^ 1u) * columns] = sums.y; }
  if (count > (lane ^ 2u)) { partial[at + (lane ^ 2u) * columns] = sums.z; }
  if (count > (lane ^ 3u)) { partial[at + (lane ^ 3u) * columns] = sums.w; }
}
@if(depthwise) fn store(at: u32, columns: u32, count: u32, lane: u32, sums: Weight) { partial[at] = sums; }

/// Stores the sums of a chunk; of the column of ones there is only one.
fn store_chunk(at: u32, columns: u32, count: u32, lane: u32, real: bool, sums: Weights) {
  store(at, columns, count, lane, sums.t0);
  if (!real) {
    return;
  }
  if (TAPS > 1u) { store(at + 1u, columns, count, lane, sums.t1); }
  if (TAPS > 2u) { store(at + 2u, columns, count, lane, sums.t2); }
  if (TAPS > 3u) { store(at + 3u, columns, count, lane, sums.t3); }
  if (TAPS > 4u) { store(at + 4u, columns, count, lane, sums.t4); }
  if (TAPS > 5u) {
    store(at + 5u, columns, count, lane, sums.t5);
    store(at + 6u, columns, count, lane, sums.t6);
  }
}

@compute @workgroup_size(64)
fn conv_backward_weight(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
  @if(quadShuffle) @builtin(subgroup_invocation_id) invocation: u32,
) {
  @if(quadShuffle) let lane = invocation % 4u;
  @if(!quadShuffle) let lane = 0u;
  let out = params.out;
  let lines = params.group_in * params.kernel.x * params.kernel.y;
  let columns = lines * params.kernel.z + params.bias;
  let lines_of = select(2u, 3u, TALL == 1u);
  let bundles = (lines + params.bias + lines_of - 1u) / lines_of;
  let chunks = params.kernel.z / TAPS;
  let tiles = (params.group_out + CHANNELS - 1u) / CHANNELS;
  // Threads of a quad share their channels and positions.
  let per_tile = (bundles * chunks + LANES - 1u) / LANES * LANES;
  let work = params.out_channels / params.group_out * tiles * per_tile;
  let thread = workgroup_index(group, groups) * 64u + local;
  let part = thread / work;
  if (part >= params.slices) {
    return;
  }
  let index = thread - part * work;
  let tile_of = index / per_tile;
  let chunk_of = index - tile_of * per_tile;
  let bundle = chunk_of / chunks;
  let tap = (chunk_of - bundle * chunks) * TAPS;
  let line = lines_of * bundle;
  let g = tile_of / tiles;
  let first = (tile_of - g * tiles) * CHANNELS;
  let rows = rows_of(first, params.group_out - 1u, lane) + g * params.group_out;
  let line_a = line_of(line, tap);
  let line_b = line_of(line + 1u, tap);

  let across = (out.z + 3u) / 4u;
  let height = select(1u, 2u, TALL == 1u);
  let down = (out.y + height - 1u) / height;
  let items = params.batch * out.x * down * across;
  let per_slice = (items + params.slices - 1u) / params.slices;
  let begin = min(part * per_slice, items);
  let row_of = begin / across;
  let slice_of = row_of / down;
  var n = slice_of / out.x;
  var at = vec3<u32>(slice_of - n * out.x, (row_of - slice_of * down) * height, (begin - row_of * across) * 4u);
  // Copies, because CPU adapters take long to read a uniform within a loop.
  let size = params.size;
  let stride = params.stride;
  let spacing = params.spacing;
  let channels = params.channels;
  let out_channels = params.out_channels;
  let group_plane = g * params.group_in;
  var sums_a = Weights();
  var sums_b = Weights();
  var sums_c = Weights();
  for (var i = min(begin + per_slice, items) - begin; i > 0u; i--) {
    let dy_lines = (((rows + n * out_channels) * out.x + at.x) * out.y + at.y) * out.z;
    let d = gradients(dy_lines, at.z, out.z);
    let position = at * stride;
    let channel = n * channels + group_plane;
    let plane_a = (channel + line_a.channel) * size.x;
    let plane_b = (channel + line_b.channel) * size.x;
    let x_a = inputs(plane_a, position + line_a.offset, size, spacing, line_a.real);
    add_dots(&sums_a, x_a, d);
    if (TALL == 1u) {
      let from_here = position + line_a.offset;
      let x_b = inputs(plane_a, from_here + vec3<u32>(0u, 1u, 0u), size, spacing, line_a.real);
      let x_c = inputs(plane_a, from_here + vec3<u32>(0u, 2u, 0u), size, spacing, line_a.real);
      add_dots(&sums_b, x_b, d);
      add_dots(&sums_c, x_c, d);
      // Not as zeros for a row that is not there: they would make NaN of infinite inputs.
      if (at.y + 1u < out.y) {
        let next = gradients(dy_lines + out.z, at.z, out.z);
        add_dots(&sums_a, x_b, next);
        add_dots(&sums_b, x_c, next);
        add_dots(&sums_c, inputs(plane_a, from_here + vec3<u32>(0u, 3u, 0u), size, spacing, line_a.real), next);
      }
    } else {
      add_dots(&sums_b, inputs(plane_b, position + line_b.offset, size, spacing, line_b.real), d);
    }
    at.z += 4u;
    let row_done = at.z >= out.z;
    at.y += select(0u, height, row_done);
    let slice_done = at.y >= out.y;
    at.x += u32(slice_done);
    let volume_done = at.x == out.x;
    n += u32(volume_done);
    at = select(at, vec3<u32>(), vec3<bool>(volume_done, slice_done, row_done));
  }

  let to = (part * params.out_channels + g * params.group_out + first) * columns;
  let count = select(0u, params.group_out - first, bundle < bundles);
  if (line_a.real || tap == 0u) {
    store_chunk(to + line * params.kernel.z + tap, columns, count, lane, line_a.real, sums_a);
  }
  if (line_b.real || (tap == 0u && line + 1u < lines + params.bias)) {
    store_chunk(to + (line + 1u) * params.kernel.z + tap, columns, count, lane, line_b.real, sums_b);
  }
  if (TALL == 1u && line_a.real) {
    store_chunk(to + (line + 2u) * params.kernel.z + tap, columns, count, lane, true, sums_c);
  }
}
