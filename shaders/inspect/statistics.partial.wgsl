// Statistics of x in eight numbers per workgroup: how many values are NaN, infinite and zero, and of the finite ones the
// smallest, the largest, the sum, the sum of squares and the sum of magnitudes. Each of the `parts` workgroups takes every
// parts-th block of 64 values. First of two dispatches.
// rounds: ceil(n / parts / 64) + 66
import package::lib::float::{is_inf, is_nan};

/// Numbers of a tensor.
const VALUES = 8u;

struct Params { n: u32, parts: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;

var<workgroup> counts: array<vec3<f32>, 64>;
var<workgroup> ranges: array<vec2<f32>, 64>;
var<workgroup> sums: array<vec3<f32>, 64>;

@compute @workgroup_size(64)
fn statistics_partial(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  var count = vec3<f32>(0.0);
  var range = vec2<f32>(3.4028234e38, -3.4028234e38);
  var sum = vec3<f32>(0.0);
  for (var i = group.x * 64u + local; i < params.n; i += params.parts * 64u) {
    let value = x[i];
    if (is_nan(value)) {
      count.x += 1.0;
    } else if (is_inf(value)) {
      count.y += 1.0;
    } else {
      count.z += f32(value == 0.0);
      range = vec2<f32>(min(range.x, value), max(range.y, value));
      sum += vec3<f32>(value, value * value, abs(value));
    }
  }
  counts[local] = count;
  ranges[local] = range;
  sums[local] = sum;
  workgroupBarrier();
  if (local == 0u) {
    for (var i = 1u; i < 64u; i++) {
      count += counts[i];
      range = vec2<f32>(min(range.x, ranges[i].x), max(range.y, ranges[i].y));
      sum += sums[i];
    }
    let at = group.x * VALUES;
    partials[at] = count.x;
    partials[at + 1u] = count.y;
    partials[at + 2u] = count.z;
    partials[at + 3u] = range.x;
    partials[at + 4u] = range.y;
    partials[at + 5u] = sum.x;
    partials[at + 6u] = sum.y;
    partials[at + 7u] = sum.z;
  }
}
