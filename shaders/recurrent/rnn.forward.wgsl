// One time step of a plain recurrent network in one direction: h' = activation(x_gates + W h).
// x_gates [rows, H] are the input projections with both biases, W = weight [H, H]; row (t, n) is
// t * row_t + n * row_n. h_in and h_out are [N, H]; y [rows, H] gets h', and 0 beyond a sequence's end, where the
// state stays as it is. One thread per hidden unit and four sequences, so that every weight is read once for four
// products.
// variants: tanh relu
import package::lib::grid::workgroup_index;
import package::lib::math::tanh_precise;

struct Params {
  batch: u32,
  hidden: u32,
  t: u32,
  row_t: u32,
  row_n: u32,
  has_h: u32,
  has_lengths: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x_gates: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> h_in: array<f32>;
@group(0) @binding(4) var<storage, read> lengths: array<i32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> h_out: array<f32>;

@if(tanh)
fn activation(x: f32) -> f32 {
  return tanh_precise(x);
}

@if(relu)
fn activation(x: f32) -> f32 {
  return max(x, 0.0);
}

fn cell(n: u32, j: u32, recurrent: f32) {
  let hidden = params.hidden;
  let at = (params.t * params.row_t + n * params.row_n) * hidden + j;
  let state = n * hidden + j;
  if (params.has_lengths != 0u && i32(params.t) >= lengths[n]) {
    var h_old = 0.0;
    if (params.has_h != 0u) {
      h_old = h_in[state];
    }
    y[at] = 0.0;
    h_out[state] = h_old;
    return;
  }
  let h_new = activation(x_gates[at] + recurrent);
  y[at] = h_new;
  h_out[state] = h_new;
}

@compute @workgroup_size(64)
fn rnn_forward(
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
  if (params.has_h != 0u) {
    let at = n * hidden;
    for (var k = 0u; k < hidden; k++) {
      sum += weight[j * hidden + k] * vec4<f32>(h_in[at.x + k], h_in[at.y + k], h_in[at.z + k], h_in[at.w + k]);
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
