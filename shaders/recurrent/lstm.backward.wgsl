// One time step of the backward pass of an LSTM in one direction, steps in reverse order of the forward pass:
//   dh = dy + W^T dgates of the step computed before   dc += dh o (1 - tanh(c)^2)
//   dgates = (dc g, dc c_old, dc i, dh tanh(c)) times the derivatives of the gates   dc = dc f
// dgates [rows, 4 H] is also the gradient of the input projections; dh and dc [N, H] carry what reaches
// the state past a sequence's end, and after the last dispatch (`finish`) are the gradients of h0 and c0.
// Layouts as in lstm.forward.wgsl. One thread per hidden unit and four sequences.
import package::lib::grid::workgroup_index;
import package::lib::math::tanh_precise;

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
  has_dc: u32,
  has_lengths: u32,
  /// 1 for the first step computed: no step comes after it.
  is_first: u32,
  /// 1 for the dispatch after the last step, which only completes dh.
  finish: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> saved: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> lengths: array<i32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dgates: array<f32>;
@group(0) @binding(6) var<storage, read_write> dh: array<f32>;
@group(0) @binding(7) var<storage, read_write> dc: array<f32>;

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
  var dc_total = 0.0;
  if (params.has_dc != 0u) {
    dc_total = dc[state];
  }
  let row = params.t * params.row_t + n * params.row_n;
  let at = row * 4u * hidden + j;
  if (params.has_lengths != 0u && i32(params.t) >= lengths[n]) {
    dgates[at] = 0.0;
    dgates[at + hidden] = 0.0;
    dgates[at + 2u * hidden] = 0.0;
    dgates[at + 3u * hidden] = 0.0;
    dh[state] = dh_total;
    dc[state] = dc_total;
    return;
  }
  if (params.has_dy != 0u) {
    dh_total += dy[row * hidden + j];
  }
  let save = row * 5u * hidden + j;
  let i = saved[save];
  let f = saved[save + hidden];
  let g = saved[save + 2u * hidden];
  let o = saved[save + 3u * hidden];
  let c_old = saved[save + 4u * hidden];
  let tanh_c = tanh_precise(f * c_old + i * g);
  dc_total += dh_total * o * (1.0 - tanh_c * tanh_c);
  dgates[at] = dc_total * g * i * (1.0 - i);
  dgates[at + hidden] = dc_total * c_old * f * (1.0 - f);
  dgates[at + 2u * hidden] = dc_total * i * (1.0 - g * g);
  dgates[at + 3u * hidden] = dh_total * tanh_c * o * (1.0 - o);
  dh[state] = 0.0;
  dc[state] = dc_total * f;
}

@compute @workgroup_size(64)
fn lstm_backward(
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
    let at = (params.t_after * params.row_t + n * params.row_n) * 4u * hidden;
    for (var k = 0u; k < 4u * hidden; k++) {
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
