// Gradients of softmax.forward.wgsl along one dimension:
//   softmax     dx = y * (dy - sum(dy * y)); softmin: the negative of it
//   logSoftmax  dx = dy - exp(y) * sum(dy)
// y, dy and dx are [outer, size, inner]; one thread per line, or in the Group variants one workgroup.
// rounds: 2 * ceil(size / LANES) + 40
// variants: softmax softmin logSoftmax softmaxGroup softminGroup logSoftmaxGroup
import package::lib::float::exp_nan;
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum;

struct Params { lines: u32, size: u32, inner: u32, accumulate: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@if(softmax || softmin || logSoftmax) const LANES = 1u;
@if(softmaxGroup || softminGroup || logSoftmaxGroup) const LANES = 64u;

@if(softmax || softmin || logSoftmax) fn line_sum(value: f32, local: u32) -> f32 { return value; }
@if(softmaxGroup || softminGroup || logSoftmaxGroup) fn line_sum(value: f32, local: u32) -> f32 {
  return group_sum(value, local);
}

@if(logSoftmax || logSoftmaxGroup) fn part(i: u32) -> f32 { return dy[i]; }
@if(!logSoftmax && !logSoftmaxGroup) fn part(i: u32) -> f32 { return dy[i] * y[i]; }

@if(softmax || softmaxGroup) fn gradient(i: u32, total: f32) -> f32 { return y[i] * (dy[i] - total); }
@if(softmin || softminGroup) fn gradient(i: u32, total: f32) -> f32 { return y[i] * (total - dy[i]); }
@if(logSoftmax || logSoftmaxGroup) fn gradient(i: u32, total: f32) -> f32 { return dy[i] - exp_nan(y[i]) * total; }

@compute @workgroup_size(64)
fn softmax_backward(
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
  var total = 0.0;
  for (var i = first; i < end; i += step) {
    total += part(i);
  }
  total = line_sum(total, local);
  for (var i = first; i < end; i += step) {
    let value = gradient(i, total);
    if (params.accumulate != 0u) {
      dx[i] += value;
    } else {
      dx[i] = value;
    }
  }
}
