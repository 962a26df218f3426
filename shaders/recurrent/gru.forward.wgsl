// One time step of a GRU in one direction:
//   r, z = sigmoid(x_gate + W h + b)   q = W h + b   n = tanh(x_gate + r q)   h' = (1 - z) n + z h
// x_gates [rows, 3 H] are the input projections with their bias, W = weight [3 H, H] and b = bias [3 H], gates in the
// order r, z, n; row (t, n) is t * row_t + n * row_n. h_in and h_out are [N, H]; y [rows, H] gets h', and 0 beyond a
// sequence's end, where the state stays as it is. Saved for the backward pass: saved [rows, 4 H] = r, z, n, q.
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
  has_bias: u32,
  has_lengths: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x_gates: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> h_in: array<f32>;
@group(0) @binding(5) var<storage, read> lengths: array<i32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
@group(0) @binding(7) var<storage, read_write> saved: array<f32>;
@group(0) @binding(8) var<storage, read_write> h_out: array<f32>;

/// The cell for hidden unit j of sequence n; `recurrent` holds W h + b for the three gates.
fn cell(n: u32, j: u32, recurrent: vec3<f32>) {
  let hidden = params.hidden;
  let row = params.t * params.row_t + n * params.row_n;
  let state = n * hidden + j;
  var h_old = 0.0;
  if (params.has_h != 0u) {
    h_old = h_in[state];
  }
  if (params.has_lengths != 0u && i32(params.t) >= lengths[n]) {
    y[row * hidden + j] = 0.0;
    h_out[state] = h_old;
    return;
  }
  let at = row * 3u * hidden + j;
  let r = sigmoid(x_gates[at] + recurrent.x);
  let z = sigmoid(x_gates[at + hidden] + recurrent.y);
  let candidate = tanh_precise(x_gates[at + 2u * hidden] + r * recurrent.z);
  let h_new = (1.0 - z) * candidate + z * h_old;
  y[row * hidden + j] = h_new;
  h_out[state] = h_new;
  let save = row * 4u * hidden + j;
  saved[save] = r;
  saved[save + hidden] = z;
  saved[save + 2u * hidden] = candidate;
  saved[save + 3u * hidden] = recurrent.z;
}

@compute @workgroup_size(64)
fn gru_forward(
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
  var r = vec4<f32>();
  var z = vec4<f32>();
  var q = vec4<f32>();
  if (params.has_bias != 0u) {
    r += bias[j];
    z += bias[j + hidden];
    q += bias[j + 2u * hidden];
  }
  if (params.has_h != 0u) {
    let at = n * hidden;
    let line = j * hidden;
    let gate = hidden * hidden;
    for (var k = 0u; k < hidden; k++) {
      let h = vec4<f32>(h_in[at.x + k], h_in[at.y + k], h_in[at.z + k], h_in[at.w + k]);
      r += weight[line + k] * h;
      z += weight[line + gate + k] * h;
      q += weight[line + 2u * gate + k] * h;
    }
  }
  cell(n.x, j, vec3<f32>(r.x, z.x, q.x));
  if (first + 1u < params.batch) {
    cell(n.y, j, vec3<f32>(r.y, z.y, q.y));
  }
  if (first + 2u < params.batch) {
    cell(n.z, j, vec3<f32>(r.z, z.z, q.z));
  }
  if (first + 3u < params.batch) {
    cell(n.w, j, vec3<f32>(r.w, z.w, q.w));
  }
}
