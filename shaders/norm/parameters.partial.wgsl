// Sums for the gradients of weight and bias: per parameter (sum of dy, sum of dy * z), z = (x - mean) * rstd. x is
// [outer, parameters, inner] and the statistics of element i are number i / stats_step % stats_count. Chunk b of
// `chunks` takes every chunks-th position of a parameter (`channels`) or every chunks-th row (`columns`, where inner
// is 1 and neighbouring threads take neighbouring parameters). sums is [chunks, parameters]. Variant `direct` is
// `columns` with a single chunk, which gives the gradients themselves; so is `rows`, with four neighbouring parameters per
// thread and statistics of each row. With RELU dy counts as 0 where y is 0.
// rounds(columns): outer / chunks + 2
// rounds(channels): outer * inner / chunks / 64 + 20
// rounds: outer + 2 * ceil(outer / 64) + 1
// variants: channels columns direct rows
// lowering reads: workgroupSize
import package::lib::float::is_nan;
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum2;
import package::lib::norm::normalized;

@if(!rows) alias Value = f32;
@if(rows) alias Value = vec4<f32>;
/// Sums of dy and of dy * z.
@if(!rows) alias Sums = vec2<f32>;
@if(rows) alias Sums = mat2x4<f32>;

/// Threads per workgroup: few, where there are few threads, so that all cores have some.
@if(!rows) const GROUP = 64u;
@if(rows) const GROUP = 4u;

/// Compile-time constant.
@if(!rows) const RELU = 0u;

struct Params {
  outer: u32,
  /// In `rows` counted in fours.
  parameters: u32,
  @if(!rows) stats_step: u32,
  @if(!rows) stats_count: u32,
  @if(channels || columns) chunks: u32,
  @if(channels) inner: u32,
  @if(direct || rows) accumulate_weight: u32,
  @if(direct || rows) accumulate_bias: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Value>;
@group(0) @binding(2) var<storage, read> stats: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> dy: array<Value>;
@if(!rows) @group(0) @binding(4) var<storage, read> y: array<f32>;
@if(channels || columns) @group(0) @binding(5) var<storage, read_write> sums: array<vec2<f32>>;
@if(direct || rows) @group(0) @binding(5) var<storage, read_write> dweight: array<Value>;
@if(direct || rows) @group(0) @binding(6) var<storage, read_write> dbias: array<Value>;

@if(!rows) fn at(i: u32) -> Sums {
  var d = dy[i];
  if (RELU == 1u) {
    d = select(0.0, d, y[i] > 0.0 || is_nan(y[i]));
  }
  return vec2<f32>(d, d * normalized(x[i], stats[i / params.stats_step % params.stats_count]));
}

@compute @workgroup_size(GROUP)
fn parameters_partial(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups);
  var sum = Sums();
  @if(direct || rows) {
    let p = index * GROUP + local;
    if (p >= params.parameters) {
      return;
    }
    // Sums of 64 rows at a time, which keeps long ones accurate.
    let outer = params.outer;
    let parameters = params.parameters;
    for (var o = 0u; o < outer;) {
      let end = min(o + 64u, outer);
      var part = Sums();
      for (; o < end; o++) {
        @if(direct) part += at(o * parameters + p);
        @if(rows) {
          let d = dy[o * parameters + p];
          let kept = stats[o];
          part += Sums(d, d * (((x[o * parameters + p] - kept.x) - kept.y) * kept.z));
        }
      }
      sum += part;
    }
    dbias[p] = sum[0] + select(Value(), dbias[p], params.accumulate_bias != 0u);
    dweight[p] = sum[1] + select(Value(), dweight[p], params.accumulate_weight != 0u);
  }
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
