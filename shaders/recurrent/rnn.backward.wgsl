// One time step of the backward pass of a plain (Elman) recurrent network in one direction (lib/recurrent_backward.wgsl):
//   dh = dy + W^T dgates of the step computed before   dgates = dh activation'
// with the derivative from the output y. dgates [rows, H] is also the gradient of the input projections.
// rounds: hidden / LANE + 4
// variants: wide narrow
// lowering reads: storage
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{GROUP, LANE, Lane, Unit, params, place_of, unit_of};
import package::lib::recurrent_backward::{dh, put_gate, recurrent_gradients, state_gradient, with_output_gradient};

const GATES = 1u;
/// Compile-time constant: 1 for ReLU, 0 for tanh.
const RELU = 0u;

@group(0) @binding(6) var<storage, read> y: array<Lane>;

fn derivative(h: Lane) -> Lane {
  if (RELU == 1u) {
    return select(Lane(), Lane() + 1.0, h > Lane());
  }
  return 1.0 - h * h;
}

fn cell(unit: Unit, recurrent: Lane) {
  let dh_total = state_gradient(unit, recurrent);
  if (params.finish != 0u) {
    dh[unit.state] = dh_total;
    return;
  }
  if (unit.has_ended) {
    put_gate(unit, GATES, 0u, Lane());
    dh[unit.state] = dh_total;
    return;
  }
  put_gate(unit, GATES, 0u, with_output_gradient(unit, dh_total) * derivative(y[unit.at]));
  dh[unit.state] = Lane();
}

@compute @workgroup_size(GROUP)
fn rnn_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  let gradients = recurrent_gradients(place, GATES);
  for (var s = 0u; s < place.count; s++) {
    cell(unit_of(place, s), gradients[s]);
  }
}
