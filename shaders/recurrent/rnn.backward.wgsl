// One time step of the backward pass of a plain recurrent network in one direction, steps in reverse order of the
// forward pass:   dh = dy + W^T dgates of the step computed before   dgates = dh activation'
// with the derivative from the output y. dgates [rows, H] is also the gradient of the input projections; dh [N, H]
// carries what reaches the state past a sequence's end, and after the last dispatch (`finish`) is the gradient of h0.
// Layouts as in rnn.forward.wgsl. One thread per hidden unit and four sequences.
// variants: tanh relu
import package::lib::grid::workgroup_index;

struct Params {
  batch: u32,
  hidden: u32,
  t: u32,
  /// The step computed before, whose gate gradients reach this one.
  t_after: u32,
  row_t: u32,
  row_n: u32,
  has_dy: u32,
  has_dh: u32,
  has_lengths: u32,
  /// 1 for the first step computed: no step comes after it.
  is_first: u32,
  /// 1 for the dispatch after the last step, which only completes dh.
  finish: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<i32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dgates: array<f32>;
@group(0) @binding(6) var<storage, read_write> dh: array<f32>;

@if(tanh)
fn derivative(y: f32) -> f32 {
  return 1.0 - y * y;
}

@if(relu)
fn derivative(y: f32) -> f32 {
  return select(0.0, 1.0, y > 0.0);
}

fn cell(n: u32, j: u32, recurrent: f32) {
  let hidden = params.hidden;
  let state = n * hidden + j;
  var dh_total = recurrent;
  if (params.has_dh != 0u) {
    dh_total += dh[state];
  }
  if (params.finish != 0u) {
    dh[state] = dh_total;
    return;
  }
  let at = (params.t * params.row_t + n * params.row_n) * hidden + j;
  if (params.has_lengths != 0u && i32(params.t) >= lengths[n]) {
    dgates[at] = 0.0;
    dh[state] = dh_total;
    return;
  }
  if (params.has_dy != 0u) {
    dh_total += dy[at];
  }
  dgates[at] = dh_total * derivative(y[at]);
  dh[state] = 0.0;
}

@compute @workgroup_size(64)
fn rnn_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  let hidden = params.hidden;
  let j = index % hidden;
  let first = index / hidden * 4u;
  if (first >= params.batch) {
    return;
  }
  let n = min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(params.batch - 1u));
  var sum = vec4<f32>();
  if (params.is_first == 0u) {
    let at = (params.t_after * params.row_t + n * params.row_n) * hidden;
    for (var k = 0u; k < hidden; k++) {
      sum += weight[k * hidden + j] * vec4<f32>(dgates[at.x + k], dgates[at.y + k], dgates[at.z + k], dgates[at.w + k]);
    }
  }
  cell(n.x, j, sum.x);
  if (first + 1u < params.batch) {
    cell(n.y, j, sum.y);
  }
  if (first + 2u < params.batch) {
    cell(n.z, j, sum.z);
  }
  if (first + 3u < params.batch) {
    cell(n.w, j, sum.w);
  }
}
