// One time step of the backward pass of a plain recurrent network in one direction, steps in reverse order of the
// forward pass:   dh = dy + W^T dgates of the step computed before   dgates = dh activation'
// with the derivative from the output y. dgates [rows, H] is also the gradient of the input projections; dh [N, H]
// carries what reaches the state past a sequence's end, and after the last dispatch (`finish`) is the gradient of h0.
// Layouts as in rnn.forward.wgsl.
// rounds: hidden / LANE + 4
// variants: wide narrow
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{
  GROUP, LANE, Lane, Sums, has_ended, params, place_of, sequences, sums_of, weights_at,
};
import package::lib::recurrent_dropout::dropped;

/// Specialized: 1 for ReLU, 0 for tanh.
const RELU = 0u;

@group(0) @binding(3) var<storage, read> y: array<Lane>;
@group(0) @binding(4) var<storage, read> dy: array<Lane>;
@group(0) @binding(5) var<storage, read_write> dgates: array<Lane>;
@group(0) @binding(6) var<storage, read_write> dh: array<Lane>;

fn derivative(h: Lane) -> Lane {
  if (RELU == 1u) {
    return select(Lane(), Lane() + 1.0, h > Lane());
  }
  return 1.0 - h * h;
}

fn cell(n: u32, j: u32, recurrent: Lane) {
  let lanes = params.hidden / LANE;
  let state = n * lanes + j;
  var dh_total = recurrent;
  if (params.has_dh != 0u) {
    dh_total += dh[state];
  }
  if (params.finish != 0u) {
    dh[state] = dh_total;
    return;
  }
  let at = (params.t * params.row_t + n * params.row_n) * lanes + j;
  if (has_ended(n)) {
    dgates[at] = Lane();
    dh[state] = dh_total;
    return;
  }
  if (params.has_dy != 0u) {
    dh_total += dy[at];
  }
  dgates[at] = dh_total * derivative(y[at]);
  dh[state] = Lane();
}

@compute @workgroup_size(GROUP)
fn rnn_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  var sum = Sums();
  if (params.is_first == 0u && place.count > 0u) {
    let lanes = params.hidden / LANE;
    let at = (params.t_after * params.row_t + sequences(place) * params.row_n) * lanes;
    for (var k = 0u; k < lanes; k++) {
      let d = sums_of(dgates[at.x + k], dgates[at.y + k], dgates[at.z + k], dgates[at.w + k]);
      sum += weights_at(LANE * k * lanes + place.j, lanes) * d;
    }
  }
  for (var s = 0u; s < place.count; s++) {
    let n = place.first + s;
    cell(n, place.j, dropped(n, place.j, sum[s]));
  }
}
