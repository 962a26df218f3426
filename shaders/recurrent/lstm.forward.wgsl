// One time step of an LSTM in one direction:
//   i, f, o = sigmoid(x_gate + W h)   g = tanh(x_gate + W h)   c' = f c + i g   h' = o tanh(c')
// x_gates [rows, 4 H] are the input projections with both biases, W = weight [4 H, H], gates in the order i, f, g, o.
// h_in, h_out and c are [N, H] (with recurrent dropout h_in and h_out are [2, N, H]: states, and what the product gets), c is updated in place. y [rows, H] gets h', and 0 beyond a sequence's end, where the
// state stays as it is. Saved for the backward pass: saved [rows, 5 H] = i, f, g, o and the c before the step.
// rounds: hidden / LANE + 4
// variants: wide narrow
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{
  GROUP, LANE, Lane, Sums, has_ended, params, place_of, row_products, sequences, sums_of, weights_at,
};
import package::lib::recurrent_activation::{sigmoid_of, tanh_of};
import package::lib::recurrent_dropout::{DROP, dropped};

@group(0) @binding(3) var<storage, read> x_gates: array<Lane>;
@group(0) @binding(4) var<storage, read> h_in: array<Lane>;
@group(0) @binding(5) var<storage, read_write> y: array<Lane>;
@group(0) @binding(6) var<storage, read_write> saved: array<Lane>;
@group(0) @binding(7) var<storage, read_write> h_out: array<Lane>;
@group(0) @binding(8) var<storage, read_write> c: array<Lane>;

/// The state of lane j of sequence n, and behind the states what the next product gets of it.
fn store_state(n: u32, j: u32, h: Lane) {
  let state = n * (params.hidden / LANE) + j;
  h_out[state] = h;
  if (DROP == 1u && params.masked_out != 0u) {
    h_out[params.masked_out + state] = dropped(n, j, h);
  }
}

/// The cell for lane j of sequence n, with W h of the four gates.
fn cell(n: u32, j: u32, wi: Lane, wf: Lane, wg: Lane, wo: Lane) {
  let lanes = params.hidden / LANE;
  let row = params.t * params.row_t + n * params.row_n;
  let state = n * lanes + j;
  var c_old = Lane();
  if (params.has_c != 0u) {
    c_old = c[state];
  }
  if (has_ended(n)) {
    var h_old = Lane();
    if (params.has_h != 0u) {
      h_old = h_in[state];
    }
    y[row * lanes + j] = Lane();
    store_state(n, j, h_old);
    c[state] = c_old;
    return;
  }
  let at = row * 4u * lanes + j;
  let i = sigmoid_of(x_gates[at] + wi);
  let f = sigmoid_of(x_gates[at + lanes] + wf);
  let g = tanh_of(x_gates[at + 2u * lanes] + wg);
  let o = sigmoid_of(x_gates[at + 3u * lanes] + wo);
  let c_new = f * c_old + i * g;
  let h_new = o * tanh_of(c_new);
  y[row * lanes + j] = h_new;
  store_state(n, j, h_new);
  c[state] = c_new;
  let save = row * 5u * lanes + j;
  saved[save] = i;
  saved[save + lanes] = f;
  saved[save + 2u * lanes] = g;
  saved[save + 3u * lanes] = o;
  saved[save + 4u * lanes] = c_old;
}

@compute @workgroup_size(GROUP)
fn lstm_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  var i = Sums();
  var f = Sums();
  var g = Sums();
  var o = Sums();
  if (params.has_h != 0u && place.count > 0u) {
    let lanes = params.hidden / LANE;
    let at = sequences(place) * lanes + params.masked_in;
    let line = place.j * params.hidden;
    let gate = params.hidden * lanes;
    for (var k = 0u; k < lanes; k++) {
      let h = sums_of(h_in[at.x + k], h_in[at.y + k], h_in[at.z + k], h_in[at.w + k]);
      i += row_products(weights_at(line + k, lanes), h);
      f += row_products(weights_at(line + gate + k, lanes), h);
      g += row_products(weights_at(line + 2u * gate + k, lanes), h);
      o += row_products(weights_at(line + 3u * gate + k, lanes), h);
    }
  }
  for (var s = 0u; s < place.count; s++) {
    cell(place.first + s, place.j, i[s], f[s], g[s], o[s]);
  }
}
