// One time step of an LSTM in one direction:
//   i, f, o = sigmoid(x_gate + W h)   g = tanh(x_gate + W h)   c' = f c + i g   h' = o tanh(c')
// x_gates [rows, 4 H] are the input projections with both biases, W = weight [4 H, H], gates in the order i, f, g, o;
// row (t, n) is t * row_t + n * row_n. h_in, h_out and c are [N, H], c is updated in place.
// y [rows, H] gets h', and 0 beyond a sequence's end, where the state stays as it is.
// Saved for the backward pass: saved [rows, 5 H] = i, f, g, o and the c before the step.
// One thread per hidden unit and four sequences, so that every weight is read once for four products.
import package::lib::grid::workgroup_index;
import package::lib::math::{sigmoid, tanh_precise};

struct Params {
  batch: u32,
  hidden: u32,
  t: u32,
  row_t: u32,
  row_n: u32,
  has_h: u32,
  has_c: u32,
  has_lengths: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x_gates: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> h_in: array<f32>;
@group(0) @binding(4) var<storage, read> lengths: array<i32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read_write> saved: array<f32>;
@group(0) @binding(7) var<storage, read_write> h_out: array<f32>;
@group(0) @binding(8) var<storage, read_write> c: array<f32>;

/// The cell for hidden unit j of sequence n; `recurrent` holds W h for the four gates.
fn cell(n: u32, j: u32, recurrent: vec4<f32>) {
  let hidden = params.hidden;
  let row = params.t * params.row_t + n * params.row_n;
  let state = n * hidden + j;
  let out = row * hidden + j;
  var c_old = 0.0;
  if (params.has_c != 0u) {
    c_old = c[state];
  }
  if (params.has_lengths != 0u && i32(params.t) >= lengths[n]) {
    var h_old = 0.0;
    if (params.has_h != 0u) {
      h_old = h_in[state];
    }
    y[out] = 0.0;
    h_out[state] = h_old;
    c[state] = c_old;
    return;
  }
  let at = row * 4u * hidden + j;
  let i = sigmoid(x_gates[at] + recurrent.x);
  let f = sigmoid(x_gates[at + hidden] + recurrent.y);
  let g = tanh_precise(x_gates[at + 2u * hidden] + recurrent.z);
  let o = sigmoid(x_gates[at + 3u * hidden] + recurrent.w);
  let c_new = f * c_old + i * g;
  let h_new = o * tanh_precise(c_new);
  y[out] = h_new;
  h_out[state] = h_new;
  c[state] = c_new;
  let save = row * 5u * hidden + j;
  saved[save] = i;
  saved[save + hidden] = f;
  saved[save + 2u * hidden] = g;
  saved[save + 3u * hidden] = o;
  saved[save + 4u * hidden] = c_old;
}

@compute @workgroup_size(64)
fn lstm_forward(
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
  var i = vec4<f32>();
  var f = vec4<f32>();
  var g = vec4<f32>();
  var o = vec4<f32>();
  if (params.has_h != 0u) {
    let at = n * hidden;
    let line = j * hidden;
    let gate = hidden * hidden;
    for (var k = 0u; k < hidden; k++) {
      let h = vec4<f32>(h_in[at.x + k], h_in[at.y + k], h_in[at.z + k], h_in[at.w + k]);
      i += weight[line + k] * h;
      f += weight[line + gate + k] * h;
      g += weight[line + 2u * gate + k] * h;
      o += weight[line + 3u * gate + k] * h;
    }
  }
  cell(n.x, j, vec4<f32>(i.x, f.x, g.x, o.x));
  if (first + 1u < params.batch) {
    cell(n.y, j, vec4<f32>(i.y, f.y, g.y, o.y));
  }
  if (first + 2u < params.batch) {
    cell(n.z, j, vec4<f32>(i.z, f.z, g.z, o.z));
  }
  if (first + 3u < params.batch) {
    cell(n.w, j, vec4<f32>(i.w, f.w, g.w, o.w));
  }
}
