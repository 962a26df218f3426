// dx of the multi-class margin loss: with v = margin - x[t] + x[c] > 0 and s = weight[t] / classes * dy,
// dx[c] = s (p = 1) or 2 s v (p = 2), and dx[t] = -(sum of the others). One thread per row, or a workgroup.
// rounds: ceil(classes / LANES) + 20
// variants: thread group
import package::lib::float::nan;
import package::lib::grid::workgroup_index;
@if(group) import package::lib::group_sum::group_sum;

struct Params {
  row_count: u32, classes: u32, reduce: u32, scale: f32, p: u32, margin: f32, has_weight: u32, accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<i32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

@if(thread) const LANES = 1u;
@if(group) const LANES = 64u;

@if(thread) fn all_sum(value: f32, local: u32) -> f32 { return value; }
@if(group) fn all_sum(value: f32, local: u32) -> f32 { return group_sum(value, local); }

fn store(i: u32, value: f32) {
  if (params.accumulate != 0u) {
    dx[i] += value;
  } else {
    dx[i] = value;
  }
}

@compute @workgroup_size(64)
fn multi_margin_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  @if(thread) let row = workgroup_index(group, groups) * 64u + local;
  @if(group) let row = workgroup_index(group, groups);
  if (row >= params.row_count) {
    return;
  }
  let start = row * params.classes;
  let label = labels[row];
  let valid = label >= 0 && label < i32(params.classes);
  let t = select(0u, u32(label), valid);
  var scale = params.scale * dy[select(0u, row, params.reduce == 0u)] / f32(params.classes);
  if (params.has_weight != 0u) {
    scale *= weight[t];
  }
  scale = select(nan(), scale, valid);
  var sum = 0.0;
  for (var c = local % LANES; c < params.classes; c += LANES) {
    if (c != t) {
      let v = params.margin - x[start + t] + x[start + c];
      let d = scale * select(0.0, select(1.0, 2.0 * v, params.p == 2u), v > 0.0);
      sum += d;
      store(start + c, d);
    }
  }
  sum = all_sum(sum, local);
  if (local % LANES == 0u) {
    store(start + t, -sum);
  }
}
