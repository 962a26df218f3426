// y = exp(x - max(x)) / sum(exp(x - max(x))) along one dimension. x and y are [outer, size, inner]; one thread per
// (outer, inner) line. A line that is all -Infinity gives NaN, as in PyTorch.
import package::lib::float::{exp_nan, max_nan, sub_nan};
import package::lib::grid::workgroup_index;

struct Params { lines: u32, size: u32, inner: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn softmax_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let line = workgroup_index(group, groups) * 64u + local;
  if (line >= params.lines) {
    return;
  }
  let start = line / params.inner * params.size * params.inner + line % params.inner;
  let end = start + params.size * params.inner;
  var largest = x[start];
  for (var i = start; i < end; i += params.inner) {
    largest = max_nan(largest, x[i]);
  }
  var total = 0.0;
  for (var i = start; i < end; i += params.inner) {
    let e = exp_nan(sub_nan(x[i], largest));
    y[i] = e;
    total += e;
  }
  for (var i = start; i < end; i += params.inner) {
    y[i] = y[i] / total;
  }
}
