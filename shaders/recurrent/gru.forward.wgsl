// One time step of a GRU in one direction:
//   r, z = sigmoid(x_gate + W h + b)   q = W h + b   n = tanh(x_gate + r q)   h' = (1 - z) n + z h
// x_gates [rows, 3 H] are the input projections with their bias, W = weight [3 H, H] and b = bias [3 H], gates in the
// order r, z, n. h_in and h_out are [N, H] (with recurrent dropout [2, N, H]: states, and what the product gets); y [rows, H] gets h', and 0 beyond a sequence's end, where the state stays
// as it is. Saved for the backward pass: saved [rows, 4 H] = r, z, n, q.
// rounds: hidden / LANE + 4
// variants: wide narrow
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{
  GROUP, LANE, Lane, Sums, has_ended, params, place_of, row_products, sequences, sums_of, weights_at,
};
import package::lib::recurrent_activation::{sigmoid_of, tanh_of};
import package::lib::recurrent_dropout::{DROP, dropped};

@group(0) @binding(3) var<storage, read> x_gates: array<Lane>;
@group(0) @binding(4) var<storage, read> bias: array<Lane>;
@group(0) @binding(5) var<storage, read> h_in: array<Lane>;
@group(0) @binding(6) var<storage, read_write> y: array<Lane>;
@group(0) @binding(7) var<storage, read_write> saved: array<Lane>;
@group(0) @binding(8) var<storage, read_write> h_out: array<Lane>;

/// The bias of a gate.
fn bias_of(gate: u32, j: u32) -> Lane {
  if (params.has_bias == 0u) {
    return Lane();
  }
  return bias[gate * (params.hidden / LANE) + j];
}

/// The state of lane j of sequence n, and behind the states what the next product gets of it.
fn store_state(n: u32, j: u32, h: Lane) {
  let state = n * (params.hidden / LANE) + j;
  h_out[state] = h;
  if (DROP == 1u && params.masked_out != 0u) {
    h_out[params.masked_out + state] = dropped(n, j, h);
  }
}

/// The cell for lane j of sequence n, with W h of the three gates.
fn cell(n: u32, j: u32, wr: Lane, wz: Lane, wn: Lane) {
  let lanes = params.hidden / LANE;
  let row = params.t * params.row_t + n * params.row_n;
  let state = n * lanes + j;
  var h_old = Lane();
  if (params.has_h != 0u) {
    h_old = h_in[state];
  }
  if (has_ended(n)) {
    y[row * lanes + j] = Lane();
    store_state(n, j, h_old);
    return;
  }
  let at = row * 3u * lanes + j;
  let r = sigmoid_of(x_gates[at] + wr + bias_of(0u, j));
  let z = sigmoid_of(x_gates[at + lanes] + wz + bias_of(1u, j));
  let q = wn + bias_of(2u, j);
  let candidate = tanh_of(x_gates[at + 2u * lanes] + r * q);
  let h_new = (1.0 - z) * candidate + z * h_old;
  y[row * lanes + j] = h_new;
  store_state(n, j, h_new);
  let save = row * 4u * lanes + j;
  saved[save] = r;
  saved[save + lanes] = z;
  saved[save + 2u * lanes] = candidate;
  saved[save + 3u * lanes] = q;
}

@compute @workgroup_size(GROUP)
fn gru_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  var r = Sums();
  var z = Sums();
  var q = Sums();
  if (params.has_h != 0u && place.count > 0u) {
    let lanes = params.hidden / LANE;
    let at = sequences(place) * lanes + params.masked_in;
    let line = place.j * params.hidden;
    let gate = params.hidden * lanes;
    for (var k = 0u; k < lanes; k++) {
      let h = sums_of(h_in[at.x + k], h_in[at.y + k], h_in[at.z + k], h_in[at.w + k]);
      r += row_products(weights_at(line + k, lanes), h);
      z += row_products(weights_at(line + gate + k, lanes), h);
      q += row_products(weights_at(line + 2u * gate + k, lanes), h);
    }
  }
  for (var s = 0u; s < place.count; s++) {
    cell(place.first + s, place.j, r[s], z[s], q[s]);
  }
}
