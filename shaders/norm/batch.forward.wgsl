// Batch normalization of x [outer, channels, inner] in one dispatch: statistics per channel, normalization, what
// follows it, and the running statistics in place.
//   y = f((x - mean) * rstd * weight + bias + residual), f(v) = v or max(v, 0) (RELU), residual if there is one
//   running = (1 - momentum) * running + momentum * new, the new variance being the unbiased one
// `stats` keeps (shift, mean - shift, rstd, weight) per channel: shift is the channel's first float, and x - shift is
// exact for the neighbours of a large mean. Two passes over a channel: mean, then squared deviations from it.
// A channel takes one invocation (thread; thread4 reads four floats at once, which inner must be a multiple of) or one
// workgroup (group). CPU adapters, for which workgroup barriers are slow, take the former.
// rounds: 3 * ceil(count / LANES) + 4 * ceil(count / LANES / RUN) + 40
// variants: thread thread4 group
// lowering reads: LANES
import package::lib::activation::{relu, relu4};
import package::lib::channel_layout::{Element, LANES, Place, RUN, Stride, advance, first, place_of, stride_of, total};
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum2;
import package::lib::norm::rstd_of;

/// Compile-time constant: what follows the normalization.
const RELU = 0u;
const RESIDUAL = 0u;

struct Params {
  channels: u32,
  /// Elements of a row, and of a channel.
  inner: u32,
  count: u32,
  /// Floats of a channel.
  floats: f32,
  eps: f32,
  momentum: f32,
  has_weight: u32,
  has_bias: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@if(!thread4) @group(0) @binding(1) var<storage, read> x: array<f32>;
@if(thread4) @group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@if(!thread4) @group(0) @binding(4) var<storage, read> residual: array<f32>;
@if(thread4) @group(0) @binding(4) var<storage, read> residual: array<vec4<f32>>;
@if(!thread4) @group(0) @binding(5) var<storage, read_write> y: array<f32>;
@if(thread4) @group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> stats: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(8) var<storage, read_write> running_var: array<f32>;

@if(thread || thread4) const GROUP = 4u;
@if(group) const GROUP = 64u;

@if(thread || thread4) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return value; }
@if(group) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return group_sum2(value, local); }

@if(thread || group) fn activate(v: Element) -> Element { return relu(v); }
@if(thread4) fn activate(v: Element) -> Element { return relu4(v); }

@compute @workgroup_size(GROUP)
fn batch_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  @if(group) let c = workgroup_index(group, groups);
  @if(group) let lane = local;
  @if(!group) let c = workgroup_index(group, groups) * GROUP + local;
  @if(!group) let lane = 0u;
  if (c >= params.channels) {
    return;
  }
  let stride = stride_of(params.channels, params.inner);
  let start = place_of(c, params.channels, params.inner, lane);
  let shift = first(x[c * params.inner]);

  var sum = 0.0;
  var place = start;
  for (var i = lane; i < params.count;) {
    let end = min(params.count, i + RUN * LANES);
    var part = Element();
    for (; i < end; i += LANES) {
      part += x[place.at] - shift;
      place = advance(place, stride);
    }
    sum += total(part);
  }
  var mean = all_sum(vec2<f32>(sum, 0.0), local).x / params.floats;

  var moments = vec2<f32>();
  place = start;
  for (var i = lane; i < params.count;) {
    let end = min(params.count, i + RUN * LANES);
    var deviations = Element();
    var squares = Element();
    for (; i < end; i += LANES) {
      let d = (x[place.at] - shift) - mean;
      deviations += d;
      squares += d * d;
      place = advance(place, stride);
    }
    moments += vec2<f32>(total(deviations), total(squares));
  }
  moments = all_sum(moments, local);
  // What rounding left of the mean.
  let rest = moments.x / params.floats;
  let square = moments.y - moments.x * rest;
  mean += rest;
  let variance = square / params.floats;
  let rstd = rstd_of(variance, params.eps);

  var w = 1.0;
  if (params.has_weight != 0u) {
    w = weight[c];
  }
  var b = 0.0;
  if (params.has_bias != 0u) {
    b = bias[c];
  }
  place = start;
  for (var i = lane; i < params.count; i += LANES) {
    var value = ((x[place.at] - shift) - mean) * rstd * w + b;
    if (RESIDUAL == 1u) {
      value += residual[place.at];
    }
    if (RELU == 1u) {
      value = activate(value);
    }
    y[place.at] = value;
    place = advance(place, stride);
  }
  if (lane == 0u) {
    stats[c] = vec4<f32>(shift, mean, rstd, w);
    let keep = 1.0 - params.momentum;
    running_mean[c] = keep * running_mean[c] + params.momentum * (shift + mean);
    running_var[c] = keep * running_var[c] + params.momentum * (square / (params.floats - 1.0));
  }
}
