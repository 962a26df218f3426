// Multi-class margin loss of x [rows, classes] with int32 targets t: per row weight[t] / classes times the sum over
// c != t of max(0, margin - x[t] + x[c])^p, p being 1 or 2. A target out of range gives NaN. Workgroups sum their rows
// into `sums`, as pairs for partials.reduce; if there is only one, it also finishes y. With `reduce` 0 y holds the
// losses. One thread per row, or a workgroup.
// rounds: ceil(row_count * LANES / threads) * (ceil(classes / LANES) + 20) + 20
// variants: thread group
import package::lib::activation::relu;
import package::lib::float::nan;
import package::lib::grid::workgroup_index;
import package::lib::group_sum::{group_sum, group_sum2};
import package::lib::loss::finish;

struct Params { row_count: u32, classes: u32, reduce: u32, scale: f32, p: u32, margin: f32, has_weight: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<i32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> sums: array<vec2<f32>>;

@if(thread) const LANES = 1u;
@if(group) const LANES = 64u;

@if(thread) fn all_sum(value: f32, local: u32) -> f32 { return value; }
@if(group) fn all_sum(value: f32, local: u32) -> f32 { return group_sum(value, local); }

/// The loss of a row; lane `local` % LANES goes over its share of the classes.
fn row_loss(row: u32, local: u32) -> f32 {
  let label = labels[row];
  let valid = label >= 0 && label < i32(params.classes);
  let start = row * params.classes;
  let t = select(0u, u32(label), valid);
  var sum = 0.0;
  for (var c = local % LANES; c < params.classes; c += LANES) {
    let v = relu(params.margin - x[start + t] + x[start + c]);
    sum += select(select(v, v * v, params.p == 2u), 0.0, c == t);
  }
  sum = all_sum(sum, local);
  if (params.has_weight != 0u) {
    sum *= weight[t];
  }
  return select(nan(), sum / f32(params.classes), valid);
}

@compute @workgroup_size(64)
fn multi_margin_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups);
  let count = groups.x * groups.y;
  var sum = 0.0;
  @if(thread) for (var row = index * 64u + local; row < params.row_count; row += count * 64u) {
    let value = row_loss(row, local);
    sum += value;
    if (params.reduce == 0u) {
      y[row] = value;
    }
  }
  @if(group) for (var row = index; row < params.row_count; row += count) {
    let value = row_loss(row, local);
    if (local == 0u) {
      sum += value;
      if (params.reduce == 0u) {
        y[row] = value;
      }
    }
  }
  if (params.reduce == 0u) {
    return;
  }
  let total = group_sum2(vec2<f32>(sum, 0.0), local);
  if (local == 0u) {
    sums[index] = total;
    if (count == 1u) {
      y[0] = finish(total, 0u, params.scale);
    }
  }
}
