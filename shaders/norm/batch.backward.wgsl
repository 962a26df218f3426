// Gradients of batch.forward.wgsl in one dispatch. With z = (x - mean) * rstd, and g = dy, or 0 where y is 0 (RELU)
//   dbias = sum of g, dweight = sum of g z
//   dx = weight * rstd * (g - mean(g) - z * mean(g z)), dresidual = g (RESIDUAL)
// `stats` and the variants are those of the forward.
// rounds: 2 * ceil(count / LANES) + 2 * ceil(count / LANES / RUN) + 40
// variants: thread thread4 group
import package::lib::channel_layout::{Element, LANES, Place, RUN, Stride, advance, place_of, stride_of, total};
import package::lib::float::is_nan;
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum2;

/// Compile-time constant: what follows the normalization, and which outputs to add to.
const RELU = 0u;
const RESIDUAL = 0u;
const ACCUMULATE_DX = 0u;
const ACCUMULATE_RESIDUAL = 0u;

struct Params {
  channels: u32,
  /// Elements of a row, and of a channel.
  inner: u32,
  count: u32,
  /// Floats of a channel.
  floats: f32,
  accumulate_weight: u32,
  accumulate_bias: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@if(!thread4) @group(0) @binding(1) var<storage, read> x: array<f32>;
@if(thread4) @group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> stats: array<vec4<f32>>;
@if(!thread4) @group(0) @binding(3) var<storage, read> y: array<f32>;
@if(thread4) @group(0) @binding(3) var<storage, read> y: array<vec4<f32>>;
@if(!thread4) @group(0) @binding(4) var<storage, read> dy: array<f32>;
@if(thread4) @group(0) @binding(4) var<storage, read> dy: array<vec4<f32>>;
@if(!thread4) @group(0) @binding(5) var<storage, read_write> dx: array<f32>;
@if(thread4) @group(0) @binding(5) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> dweight: array<f32>;
@group(0) @binding(7) var<storage, read_write> dbias: array<f32>;
@if(!thread4) @group(0) @binding(8) var<storage, read_write> dresidual: array<f32>;
@if(thread4) @group(0) @binding(8) var<storage, read_write> dresidual: array<vec4<f32>>;

@if(thread || thread4) const GROUP = 4u;
@if(group) const GROUP = 64u;

@if(thread || thread4) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return value; }
@if(group) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return group_sum2(value, local); }

/// The gradient behind max(v, 0) from y; it passes where y is NaN.
@if(thread || group) fn masked(d: Element, v: Element) -> Element { return select(0.0, d, v > 0.0 || is_nan(v)); }
@if(thread4) fn masked(d: Element, v: Element) -> Element {
  let bits = bitcast<vec4<u32>>(v) & vec4<u32>(0x7fffffffu);
  return select(vec4<f32>(), d, (v > vec4<f32>()) | (bits > vec4<u32>(0x7f800000u)));
}

fn gradient(at: u32) -> Element {
  if (RELU == 1u) {
    return masked(dy[at], y[at]);
  }
  return dy[at];
}

@compute @workgroup_size(GROUP)
fn batch_backward(
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
  let kept = stats[c];

  var sums = vec2<f32>();
  var place = start;
  for (var i = lane; i < params.count;) {
    let end = min(params.count, i + RUN * LANES);
    var part = Element();
    var part_z = Element();
    for (; i < end; i += LANES) {
      let g = gradient(place.at);
      part += g;
      part_z += g * (((x[place.at] - kept.x) - kept.y) * kept.z);
      place = advance(place, stride);
    }
    sums += vec2<f32>(total(part), total(part_z));
  }
  sums = all_sum(sums, local);
  if (lane == 0u) {
    dbias[c] = sums.x + select(0.0, dbias[c], params.accumulate_bias != 0u);
    dweight[c] = sums.y + select(0.0, dweight[c], params.accumulate_weight != 0u);
  }

  let means = sums / params.floats;
  let scale = kept.z * kept.w;
  place = start;
  for (var i = lane; i < params.count; i += LANES) {
    let g = gradient(place.at);
    let z = ((x[place.at] - kept.x) - kept.y) * kept.z;
    var value = (g - means.x - z * means.y) * scale;
    if (ACCUMULATE_DX == 1u) {
      value += dx[place.at];
    }
    dx[place.at] = value;
    if (RESIDUAL == 1u) {
      if (ACCUMULATE_RESIDUAL == 1u) {
        dresidual[place.at] += g;
      } else {
        dresidual[place.at] = g;
      }
    }
    place = advance(place, stride);
  }
}
