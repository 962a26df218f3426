// Moments of each channel of x [outer, channels, inner], in chunks: (count, sum of x - shift, sum of squared deviations
// from the chunk's own mean), shift being the channel's first element. Chunk b of `chunks` takes every chunks-th run of
// 64 positions (`channels`: a workgroup per channel and chunk) or every chunks-th row (`columns`: inner is 1 and
// neighbouring threads take neighbouring channels). moments is [chunks, channels].
// rounds(columns): 2 * outer / chunks + 2
// rounds: 2 * outer * inner / chunks / 64 + 2
// variants: channels columns
// lowering reads: workgroupSize
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum2;

struct Params {
  outer: u32, channels: u32, chunks: u32,
  @if(channels) inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<vec4<f32>>;

@compute @workgroup_size(64)
fn channels_partial(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups);
  // (count, sum), then (deviation, squared deviation)
  var sum = vec2<f32>(0.0, 0.0);
  var squares = vec2<f32>(0.0, 0.0);
  @if(columns) {
    let across = (params.channels + 63u) / 64u;
    let c = index % across * 64u + local;
    let chunk = index / across;
    if (c >= params.channels || chunk >= params.chunks) {
      return;
    }
    let shift = x[c];
    for (var o = chunk; o < params.outer; o += params.chunks) {
      sum += vec2<f32>(1.0, x[o * params.channels + c] - shift);
    }
    let mean = sum.y / max(sum.x, 1.0);
    for (var o = chunk; o < params.outer; o += params.chunks) {
      let d = (x[o * params.channels + c] - shift) - mean;
      squares += vec2<f32>(d, d * d);
    }
    let square = squares.y - squares.x * squares.x / max(sum.x, 1.0);
    moments[chunk * params.channels + c] = vec4<f32>(sum.x, sum.y + squares.x, square, 0.0);
  }
  @if(channels) {
    let c = index % params.channels;
    let chunk = index / params.channels;
    if (chunk >= params.chunks) {
      return;
    }
    let shift = x[c * params.inner];
    let count = params.outer * params.inner;
    let stride = params.chunks * 64u;
    for (var j = chunk * 64u + local; j < count; j += stride) {
      let v = x[(j / params.inner * params.channels + c) * params.inner + j % params.inner];
      sum += vec2<f32>(1.0, v - shift);
    }
    sum = group_sum2(sum, local);
    let mean = sum.y / max(sum.x, 1.0);
    for (var j = chunk * 64u + local; j < count; j += stride) {
      let v = x[(j / params.inner * params.channels + c) * params.inner + j % params.inner];
      let d = (v - shift) - mean;
      squares += vec2<f32>(d, d * d);
    }
    squares = group_sum2(squares, local);
    if (local == 0u) {
      let square = squares.y - squares.x * squares.x / max(sum.x, 1.0);
      moments[index] = vec4<f32>(sum.x, sum.y + squares.x, square, 0.0);
    }
  }
}
