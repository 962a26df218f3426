// One time step of a plain recurrent network in one direction: h' = activation(x_gates + W h), tanh or ReLU.
// x_gates [rows, H] are the input projections with both biases, W = weight [H, H]. h_in and h_out are [N, H] (with recurrent dropout [2, N, H]: states, and what the product gets); y
// [rows, H] gets h', and 0 beyond a sequence's end, where the state stays as it is.
// rounds: hidden / LANE + 4
// variants: wide narrow
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{
  GROUP, LANE, Lane, Sums, has_ended, params, place_of, row_products, sequences, sums_of, weights_at,
};
import package::lib::recurrent_activation::{relu_of, tanh_of};
import package::lib::recurrent_dropout::{DROP, dropped};

/// Specialized: 1 for ReLU, 0 for tanh.
const RELU = 0u;

@group(0) @binding(3) var<storage, read> x_gates: array<Lane>;
@group(0) @binding(4) var<storage, read> h_in: array<Lane>;
@group(0) @binding(5) var<storage, read_write> y: array<Lane>;
@group(0) @binding(6) var<storage, read_write> h_out: array<Lane>;

/// The state of lane j of sequence n, and behind the states what the next product gets of it.
fn store_state(n: u32, j: u32, h: Lane) {
  let state = n * (params.hidden / LANE) + j;
  h_out[state] = h;
  if (DROP == 1u && params.masked_out != 0u) {
    h_out[params.masked_out + state] = dropped(n, j, h);
  }
}

fn cell(n: u32, j: u32, recurrent: Lane) {
  let lanes = params.hidden / LANE;
  let at = (params.t * params.row_t + n * params.row_n) * lanes + j;
  let state = n * lanes + j;
  if (has_ended(n)) {
    var h_old = Lane();
    if (params.has_h != 0u) {
      h_old = h_in[state];
    }
    y[at] = Lane();
    store_state(n, j, h_old);
    return;
  }
  var h_new = x_gates[at] + recurrent;
  if (RELU == 1u) {
    h_new = relu_of(h_new);
  } else {
    h_new = tanh_of(h_new);
  }
  y[at] = h_new;
  store_state(n, j, h_new);
}

@compute @workgroup_size(GROUP)
fn rnn_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  var sum = Sums();
  if (params.has_h != 0u && place.count > 0u) {
    let lanes = params.hidden / LANE;
    let at = sequences(place) * lanes + params.masked_in;
    let line = place.j * params.hidden;
    for (var k = 0u; k < lanes; k++) {
      let h = sums_of(h_in[at.x + k], h_in[at.y + k], h_in[at.z + k], h_in[at.w + k]);
      sum += row_products(weights_at(line + k, lanes), h);
    }
  }
  for (var s = 0u; s < place.count; s++) {
    cell(place.first + s, place.j, sum[s]);
  }
}
