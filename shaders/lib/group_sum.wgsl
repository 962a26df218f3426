// Sums and maxima over a workgroup of 64 invocations, in a fixed order. Every invocation goes over all lanes by itself:
// that takes two barriers where a tree takes seven, and barriers are what software adapters are slow at.
import package::lib::float::max_nan;

var<workgroup> group_lanes: array<vec2<f32>, 64>;

/// The sum of `value` over the workgroup, for all its invocations. Call it in uniform control flow.
fn group_sum2(value: vec2<f32>, local: u32) -> vec2<f32> {
  group_lanes[local] = value;
  workgroupBarrier();
  var total = vec2<f32>(0.0, 0.0);
  for (var i = 0u; i < 64u; i++) {
    total += group_lanes[i];
  }
  workgroupBarrier();
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
  var largest = group_lanes[0].x;
  for (var i = 1u; i < 64u; i++) {
    largest = max_nan(largest, group_lanes[i].x);
  }
  workgroupBarrier();
  return largest;
}
