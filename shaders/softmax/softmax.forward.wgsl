// Along one dimension, with z = x (softmin: z = -x) and m = max(z):
//   softmax, softmin  y = exp(z - m) / sum(exp(z - m))
//   logSoftmax        y = z - m - log(sum(exp(z - m)))
// x and y are [outer, size, inner]. One thread per (outer, inner) line, or in the Group variants one workgroup. A line
// that is all -Infinity gives NaN, as in PyTorch.
// rounds: 3 * ceil(size / LANES) + 60
// variants: softmax softmin logSoftmax softmaxGroup softminGroup logSoftmaxGroup
import package::lib::float::{exp_nan, max_nan, sub_nan};
import package::lib::grid::workgroup_index;
import package::lib::group_sum::{group_max, group_sum};
import package::lib::math::log_precise;

struct Params { lines: u32, size: u32, inner: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@if(softmax || softmin || logSoftmax) const LANES = 1u;
@if(softmaxGroup || softminGroup || logSoftmaxGroup) const LANES = 64u;

@if(softmax || softmin || logSoftmax) fn line_max(value: f32, local: u32) -> f32 { return value; }
@if(softmax || softmin || logSoftmax) fn line_sum(value: f32, local: u32) -> f32 { return value; }
@if(softmaxGroup || softminGroup || logSoftmaxGroup) fn line_max(value: f32, local: u32) -> f32 {
  return group_max(value, local);
}
@if(softmaxGroup || softminGroup || logSoftmaxGroup) fn line_sum(value: f32, local: u32) -> f32 {
  return group_sum(value, local);
}

@if(softmin || softminGroup) fn score(i: u32) -> f32 { return -x[i]; }
@if(!softmin && !softminGroup) fn score(i: u32) -> f32 { return x[i]; }

@compute @workgroup_size(64)
fn softmax_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  @if(softmax || softmin || logSoftmax) let line = workgroup_index(group, groups) * 64u + local;
  @if(softmaxGroup || softminGroup || logSoftmaxGroup) let line = workgroup_index(group, groups);
  if (line >= params.lines) {
    return;
  }
  let start = line / params.inner * params.size * params.inner + line % params.inner;
  let end = start + params.size * params.inner;
  let first = start + local % LANES * params.inner;
  let step = LANES * params.inner;
  // A lane beyond a short line looks at its first element, which changes no maximum.
  var largest = score(select(start, first, first < end));
  for (var i = first; i < end; i += step) {
    largest = max_nan(largest, score(i));
  }
  largest = line_max(largest, local);
  var total = 0.0;
  for (var i = first; i < end; i += step) {
    let e = exp_nan(sub_nan(score(i), largest));
    total += e;
    @if(!logSoftmax && !logSoftmaxGroup) y[i] = e;
  }
  total = line_sum(total, local);
  @if(logSoftmax || logSoftmaxGroup) let log_total = log_precise(total);
  for (var i = first; i < end; i += step) {
    @if(logSoftmax || logSoftmaxGroup) y[i] = sub_nan(score(i), largest) - log_total;
    @if(!logSoftmax && !logSoftmaxGroup) y[i] = y[i] / total;
  }
}
