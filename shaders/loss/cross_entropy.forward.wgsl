// Cross-entropy from logits, fused with the log-softmax and the reduction. x is [batch, classes, inner]; a row is one
// (batch, inner) pair. With q the target distribution (one-hot or probabilities, smoothed to (1 - s) q + s / classes)
//   loss[row] = sum over c of w[c] q[c] (max + log_sum - x[c]),  log_sum = log(sum(exp(x - max)))
// An ignored row counts nothing; a class index out of range gives NaN. Without `normalize` x holds log probabilities
// (negative log-likelihood). target is int32 indices per row, or float32 probabilities of x's shape.
// `rows` keeps (max, log_sum, sum(w q), row weight) for the backward. Max and log_sum stay apart because their sum
// would lose the latter when logits are large.
// Workgroups sum (loss, weight) over their rows into `sums`; if there is only one, it also finishes y. With `reduce` 0
// y holds the losses. Few classes take a thread per row, many a workgroup per row.
// `quadShuffle` is `thread` with the four invocations of a subgroup's quad per workgroup, which add up without a
// barrier: on
// CPU adapters a barrier takes longer to compile than all the rest.
// rounds(group): ceil(row_count * 64 / threads) * (3 * ceil(classes / 64) + 80) + 20
// rounds: ceil(row_count / threads) * (3 * classes + 4) + 20
// variants: thread group quadShuffle
// lowering reads: workgroupSize
import package::lib::float::{exp_nan, infinity, is_nan, max_nan, nan, sub_nan};
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_max;
import package::lib::loss::{GROUP, finish, workgroup_sum};

@if(quadShuffle) enable subgroups;

// Compile-time constants: whether x becomes log probabilities first, the target is probabilities, classes have
// weights, the target
// is smoothed, and losses are summed.
const NORMALIZE = 1u;
const PROBABILITIES = 0u;
const HAS_WEIGHT = 0u;
const SMOOTHED = 0u;
const REDUCE = 1u;

struct Params {
  row_count: u32, classes: u32, inner: u32,
  weighted: u32, scale: f32, ignore_index: i32, smoothing: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> rows: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> sums: array<vec2<f32>>;

@if(!group) const LANES = 1u;
@if(group) const LANES = 64u;

@if(!group) fn all_max(value: f32, local: u32) -> f32 { return value; }
@if(group) fn all_max(value: f32, local: u32) -> f32 { return group_max(value, local); }
@if(!group) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return value; }
@if(group) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return workgroup_sum(value, local); }

fn class_weight(c: u32) -> f32 {
  if (HAS_WEIGHT == 0u) {
    return 1.0;
  }
  return weight[c];
}

/// (loss, weight) of a row; lane `lane` of LANES goes over its share of the classes.
fn row_loss(row: u32, lane: u32, local: u32) -> vec2<f32> {
  let classes = params.classes;
  let inner = params.inner;
  let batch = row / inner;
  let start = batch * classes * inner + row - batch * inner;
  var largest = 0.0;
  var log_sum = 0.0;
  if (NORMALIZE == 1u) {
    largest = -infinity();
    for (var c = lane; c < classes; c += LANES) {
      largest = max_nan(largest, x[start + c * inner]);
    }
    largest = all_max(largest, local);
    var total = 0.0;
    for (var c = lane; c < classes; c += LANES) {
      total += exp_nan(sub_nan(x[start + c * inner], largest));
    }
    total = all_sum(vec2<f32>(total, 0.0), local).x;
    log_sum = select(log(total), total, is_nan(total));
  }
  let smoothed = params.smoothing / f32(classes);
  // (loss, mass of the target distribution)
  var sum = vec2<f32>(0.0, 0.0);
  if (PROBABILITIES == 1u || SMOOTHED == 1u) {
    for (var c = lane; c < classes; c += LANES) {
      let i = start + c * inner;
      var q = smoothed;
      if (PROBABILITIES == 1u) {
        q += (1.0 - params.smoothing) * bitcast<f32>(labels[i]);
      }
      q *= class_weight(c);
      sum += vec2<f32>(q * (sub_nan(largest, x[i]) + log_sum), q);
    }
    sum = all_sum(sum, local);
  }
  var row_weight = 1.0;
  if (PROBABILITIES == 0u) {
    let label = bitcast<i32>(labels[row]);
    if (label == params.ignore_index) {
      sum = vec2<f32>(0.0, 0.0);
      row_weight = 0.0;
    } else if (label < 0 || label >= i32(classes)) {
      sum = vec2<f32>(nan(), nan());
    } else {
      row_weight = class_weight(u32(label));
      let q = (1.0 - params.smoothing) * row_weight;
      // A weight of 0 must not meet an infinite cost when everything is smoothed away.
      if (q != 0.0) {
        sum += vec2<f32>(q * (sub_nan(largest, x[start + u32(label) * inner]) + log_sum), q);
      }
    }
  }
  if (lane == 0u) {
    rows[row] = vec4<f32>(largest, log_sum, sum.y, row_weight);
    if (REDUCE == 0u) {
      y[row] = sum.x;
    }
  }
  return vec2<f32>(sum.x, row_weight);
}

@compute @workgroup_size(GROUP)
fn cross_entropy_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups);
  let count = groups.x * groups.y;
  var sum = vec2<f32>(0.0, 0.0);
  @if(!group) for (var row = index * GROUP + local; row < params.row_count; row += count * GROUP) {
    sum += row_loss(row, 0u, local);
  }
  @if(group) for (var row = index; row < params.row_count; row += count) {
    sum += select(vec2<f32>(0.0, 0.0), row_loss(row, local, local), local == 0u);
  }
  if (REDUCE == 0u) {
    return;
  }
  sum = workgroup_sum(sum, local);
  if (local == 0u) {
    sums[index] = sum;
    if (count == 1u) {
      y[0] = finish(sum, params.weighted, params.scale);
    }
  }
}
