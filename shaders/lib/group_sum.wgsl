// Sums and maxima over a workgroup of 64 invocations, in a fixed order: eight invocations combine eight lanes each, then
// all combine the eight parts. That takes two barriers where a tree takes six, and 16 reads on the longest path.
import package::lib::float::max_nan;

var<workgroup> group_lanes: array<vec2<f32>, 64>;
var<workgroup> group_parts: array<vec2<f32>, 8>;

/// The sum of `value` over the workgroup, for all its invocations. Call it in uniform control flow.
fn group_sum2(value: vec2<f32>, local: u32) -> vec2<f32> {
  group_lanes[local] = value;
  workgroupBarrier();
  if (local < 8u) {
    var part = group_lanes[8u * local];
    for (var i = 1u; i < 8u; i++) {
      part += group_lanes[8u * local + i];
    }
    group_parts[local] = part;
  }
  workgroupBarrier();
  var total = group_parts[0];
  for (var i = 1u; i < 8u; i++) {
    total += group_parts[i];
  }
  return total;
}

/// The same for one number.
fn group_sum(value: f32, local: u32) -> f32 {
  return group_sum2(vec2<f32>(value, 0.0), local).x;
}

/// The largest `value` of the workgroup, NaN if any is. Call it in uniform control flow.
fn group_max(value: f32, local: u32) -> f32 {
  group_lanes[local] = vec2<f32>(value, 0.0);
  workgroupBarrier();
  if (local < 8u) {
    var part = group_lanes[8u * local].x;
    for (var i = 1u; i < 8u; i++) {
      part = max_nan(part, group_lanes[8u * local + i].x);
    }
    group_parts[local] = vec2<f32>(part, 0.0);
  }
  workgroupBarrier();
  var largest = group_parts[0].x;
  for (var i = 1u; i < 8u; i++) {
    largest = max_nan(largest, group_parts[i].x);
  }
  return largest;
}
