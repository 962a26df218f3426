// Sums for the gradients of weight and bias: per parameter (sum of dy, sum of dy * z), z = (x - mean) * rstd. x is
// [outer, parameters, inner] and the statistics of element i are number i / stats_step % stats_count. Chunk b of
// `chunks` takes every chunks-th position of a parameter (`channels`) or every chunks-th row (`columns`, where inner
// is 1 and neighbouring threads take neighbouring parameters). sums is [chunks, parameters].
// variants: channels columns
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum2;
import package::lib::norm::normalized;

struct Params {
  outer: u32, parameters: u32, chunks: u32, stats_step: u32, stats_count: u32,
  @if(channels) inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec2<f32>>;

fn at(i: u32) -> vec2<f32> {
  let d = dy[i];
  return vec2<f32>(d, d * normalized(x[i], stats[i / params.stats_step % params.stats_count]));
}

@compute @workgroup_size(64)
fn parameters_partial(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups);
  var sum = vec2<f32>(0.0, 0.0);
  @if(columns) {
    let across = (params.parameters + 63u) / 64u;
    let p = index % across * 64u + local;
    let chunk = index / across;
    if (p >= params.parameters || chunk >= params.chunks) {
      return;
    }
    for (var o = chunk; o < params.outer; o += params.chunks) {
      sum += at(o * params.parameters + p);
    }
    sums[chunk * params.parameters + p] = sum;
  }
  @if(channels) {
    let p = index % params.parameters;
    let chunk = index / params.parameters;
    if (chunk >= params.chunks) {
      return;
    }
    let count = params.outer * params.inner;
    for (var j = chunk * 64u + local; j < count; j += params.chunks * 64u) {
      sum += at((j / params.inner * params.parameters + p) * params.inner + j % params.inner);
    }
    sum = group_sum2(sum, local);
    if (local == 0u) {
      sums[index] = sum;
    }
  }
}
