// The hidden state before every step of one direction: previous [rows, H] from y [rows, H] and h0
// [N, H] (zeros without h0). Row (t, n) is t * row_t + n * row_n. Rows beyond a sequence's end get any
// finite value: their gradients are 0.
import package::lib::grid::workgroup_index;

struct Params {
  batch: u32,
  hidden: u32,
  steps: u32,
  row_t: u32,
  row_n: u32,
  has_h: u32,
  has_lengths: u32,
  reverse: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> h0: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<i32>;
@group(0) @binding(4) var<storage, read_write> previous: array<f32>;

@compute @workgroup_size(64)
fn previous_gather(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  let hidden = params.hidden;
  let j = index % hidden;
  let sequence = index / hidden;
  let n = sequence % params.batch;
  let t = sequence / params.batch;
  if (t >= params.steps) {
    return;
  }
  var end = params.steps;
  if (params.has_lengths != 0u) {
    end = min(end, u32(max(lengths[n], 0)));
  }
  var from_state = t == 0u;
  var before = t - 1u;
  if (params.reverse != 0u) {
    from_state = t + 1u >= end;
    before = t + 1u;
  }
  var value = 0.0;
  if (!from_state) {
    value = y[(before * params.row_t + n * params.row_n) * hidden + j];
  } else if (params.has_h != 0u) {
    value = h0[n * hidden + j];
  }
  previous[(t * params.row_t + n * params.row_n) * hidden + j] = value;
}
