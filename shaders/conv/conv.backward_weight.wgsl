// partial[s, o, j] = sum over the positions (n, q) of slice s of dy[n, o, q] * column_j[n, q]: the first of two passes
// for dweight and dbias. Column j < group_in * taps is what tap j of the group reads: x[n, c, q * stride + k * dilation
// - padding]; with a bias there is one more column, of ones.
// A thread takes eight columns and a block of output channels: four (dense) or one (depthwise, or any group with one
// output channel); eight plus four loads make 32 products. Slices (z of the grid) are runs of whole segments, which are
// up to SEGMENT columns of a row of dy; there are enough of them to keep the GPU busy.
// variants: dense depthwise
import package::lib::conv::Conv;
import package::lib::conv_block::{Block, Rows, CHANNELS, rows_of};
import package::lib::grid::workgroup_index;

const SEGMENT = 64u;

@group(0) @binding(0) var<uniform> params: Conv;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

/// Four columns: channel of the group, and (depth, height, width) of the tap in the input, before the padding.
struct Taps {
  channel: vec4<u32>,
  depth: vec4<i32>,
  row: vec4<i32>,
  column: vec4<i32>,
  /// Whether it is a column of inputs, not the one of the bias.
  real: vec4<bool>,
}

/// Where four columns read for one row of dy; `limit` is the row's length, or 0 when it lies in the padding.
struct Lines {
  at: vec4<u32>,
  limit: vec4<u32>,
}

fn taps_of(first: u32, real: u32) -> Taps {
  let kernel = params.kernel;
  let j = min(vec4<u32>(first) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(real));
  let kw = j % kernel.z;
  let kh = j / kernel.z % kernel.y;
  let kd = j / (kernel.z * kernel.y) % kernel.x;
  return Taps(
    j / (kernel.x * kernel.y * kernel.z),
    vec4<i32>(kd * params.dilation.x) - i32(params.padding.x),
    vec4<i32>(kh * params.dilation.y) - i32(params.padding.y),
    vec4<i32>(kw * params.dilation.z) - i32(params.padding.z),
    j < vec4<u32>(real),
  );
}

fn lines_of(taps: Taps, first_channel: u32, depth: u32, row: u32) -> Lines {
  let size = params.size;
  let d = vec4<u32>(taps.depth + i32(depth * params.stride.x));
  let h = vec4<u32>(taps.row + i32(row * params.stride.y));
  let inside = taps.real & (d < vec4<u32>(size.x)) & (h < vec4<u32>(size.y));
  let at = (((taps.channel + first_channel) * size.x + d) * size.y + h) * size.z;
  return Lines(select(vec4<u32>(), at, inside), select(vec4<u32>(), vec4<u32>(size.z), inside));
}

/// The four inputs; in the padding 0, and 1 in the column of the bias.
fn inputs(taps: Taps, lines: Lines, start: i32) -> vec4<f32> {
  let column = vec4<u32>(taps.column + start);
  let inside = column < lines.limit;
  let i = lines.at + select(vec4<u32>(), column, inside);
  let outside = select(vec4<f32>(1.0), vec4<f32>(), taps.real);
  return select(outside, vec4<f32>(x[i.x], x[i.y], x[i.z], x[i.w]), inside);
}

@if(dense) fn gradients(rows: Rows) -> Block {
  return vec4<f32>(dy[rows.x], dy[rows.y], dy[rows.z], dy[rows.w]);
}
@if(dense) fn store(at: u32, columns: u32, count: u32, values: Block) {
  partial[at] = values.x;
  if (count > 1u) { partial[at + columns] = values.y; }
  if (count > 2u) { partial[at + 2u * columns] = values.z; }
  if (count > 3u) { partial[at + 3u * columns] = values.w; }
}

@if(depthwise) fn gradients(rows: Rows) -> Block { return dy[rows]; }
@if(depthwise) fn store(at: u32, columns: u32, count: u32, values: Block) { partial[at] = values; }

@compute @workgroup_size(64)
fn conv_backward_weight(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let out = params.out;
  let real = params.group_in * params.kernel.x * params.kernel.y * params.kernel.z;
  let columns = real + params.bias;
  var rest = workgroup_index(group, groups) * 64u + local;
  let across = (columns + 7u) / 8u;
  let column = rest % across * 8u;
  rest /= across;
  let blocks = (params.group_out + CHANNELS - 1u) / CHANNELS;
  let first = rest % blocks * CHANNELS;
  let g = rest / blocks;
  if (g * params.group_out >= params.out_channels) {
    return;
  }
  let rows = rows_of(first, params.group_out - 1u) + g * params.group_out;
  let low = taps_of(column, real);
  let high = taps_of(column + 4u, real);

  let segments = (out.z + SEGMENT - 1u) / SEGMENT;
  let items = params.batch * out.x * out.y * segments;
  let per_slice = (items + groups.z - 1u) / groups.z;
  let end = min((group.z + 1u) * per_slice, items);
  var sum0 = Block();
  var sum1 = Block();
  var sum2 = Block();
  var sum3 = Block();
  var sum4 = Block();
  var sum5 = Block();
  var sum6 = Block();
  var sum7 = Block();
  for (var item = group.z * per_slice; item < end; item++) {
    let line = item / segments;
    let row = line % out.y;
    let depth = line / out.y % out.x;
    let n = line / (out.y * out.x);
    let first_channel = n * params.channels + g * params.group_in;
    let low_lines = lines_of(low, first_channel, depth, row);
    let high_lines = lines_of(high, first_channel, depth, row);
    let dy_rows = (((rows + n * params.out_channels) * out.x + depth) * out.y + row) * out.z;
    let begin = item % segments * SEGMENT;
    for (var q = begin; q < min(begin + SEGMENT, out.z); q++) {
      let gradient = gradients(dy_rows + q);
      let start = i32(q * params.stride.z);
      let a = inputs(low, low_lines, start);
      let b = inputs(high, high_lines, start);
      sum0 += gradient * a.x;
      sum1 += gradient * a.y;
      sum2 += gradient * a.z;
      sum3 += gradient * a.w;
      sum4 += gradient * b.x;
      sum5 += gradient * b.y;
      sum6 += gradient * b.z;
      sum7 += gradient * b.w;
    }
  }

  let channel = g * params.group_out + first;
  let at = (group.z * params.out_channels + channel) * columns + column;
  let count = min(CHANNELS, params.group_out - first);
  let left = columns - column;
  store(at, columns, count, sum0);
  if (left > 1u) { store(at + 1u, columns, count, sum1); }
  if (left > 2u) { store(at + 2u, columns, count, sum2); }
  if (left > 3u) { store(at + 3u, columns, count, sum3); }
  if (left > 4u) { store(at + 4u, columns, count, sum4); }
  if (left > 5u) { store(at + 5u, columns, count, sum5); }
  if (left > 6u) { store(at + 6u, columns, count, sum6); }
  if (left > 7u) { store(at + 7u, columns, count, sum7); }
}
