// The share of rows whose largest value, the first of equals, is at the target (with `wrong` 1: is not). x is
// [batch, classes, inner], a row is one (batch, inner) pair with one int32 target; with `ignores` 1 rows whose target is
// ignore_index do not count. Workgroups count into `sums`, as pairs (rows, all rows that count) for partials.reduce; if
// there is only one, it also finishes y. Few classes take a thread per row, many a workgroup per row; `quadShuffle`
// is `thread`
// with four invocations, as in cross_entropy.forward.
// rounds(group): ceil(row_count * 64 / threads) * (ceil(classes / 64) + 67) + 20
// rounds: ceil(row_count / threads) * (classes + 2) + 20
// variants: thread group quadShuffle
// lowering reads: workgroupSize
import package::lib::grid::workgroup_index;
import package::lib::loss::{GROUP, finish, workgroup_sum};

@if(quadShuffle) enable subgroups;

struct Params { row_count: u32, classes: u32, inner: u32, wrong: u32, ignores: u32, ignore_index: i32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec2<f32>>;

@if(group) var<workgroup> values: array<f32, 64>;
@if(group) var<workgroup> positions: array<u32, 64>;

@if(!group) const LANES = 1u;
@if(group) const LANES = 64u;

/// Position of the largest value of a row; in `group` only the result of lane 0 counts.
fn largest(row: u32, lane: u32) -> u32 {
  let classes = params.classes;
  let inner = params.inner;
  let batch = row / inner;
  let start = batch * classes * inner + row - batch * inner;
  var at = lane;
  var best = x[start + min(lane, classes - 1u) * inner];
  for (var c = lane + LANES; c < classes; c += LANES) {
    let value = x[start + c * inner];
    if (value > best) {
      best = value;
      at = c;
    }
  }
  @if(group) {
    values[lane] = best;
    positions[lane] = at;
    workgroupBarrier();
    for (var i = 1u; i < min(LANES, classes); i++) {
      if (values[i] > best || (values[i] == best && positions[i] < at)) {
        best = values[i];
        at = positions[i];
      }
    }
    workgroupBarrier();
  }
  return at;
}

fn score(row: u32, lane: u32) -> vec2<f32> {
  let right = i32(largest(row, lane)) == labels[row];
  let counts = params.ignores == 0u || labels[row] != params.ignore_index;
  return select(vec2<f32>(), vec2<f32>(select(0.0, 1.0, right == (params.wrong == 0u)), 1.0), counts);
}

@compute @workgroup_size(GROUP)
fn accuracy_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups);
  let count = groups.x * groups.y;
  var sum = vec2<f32>(0.0, 0.0);
  @if(!group) for (var row = index * GROUP + local; row < params.row_count; row += count * GROUP) {
    sum += score(row, 0u);
  }
  @if(group) for (var row = index; row < params.row_count; row += count) {
    sum += select(vec2<f32>(0.0, 0.0), score(row, local), local == 0u);
  }
  sum = workgroup_sum(sum, local);
  if (local == 0u) {
    sums[index] = sum;
    if (count == 1u) {
      y[0] = finish(sum, 1u, 1.0);
    }
  }
}
