// One time step of a plain (Elman) recurrent network in one direction (lib/recurrent_forward.wgsl):
//   h' = activation(x_gates + W h), tanh or ReLU
// rounds: hidden / LANE + 4
// variants: wide narrow
// lowering reads: GATES storage
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{GROUP, LANE, Lane, Unit, params, place_of, unit_of};
import package::lib::recurrent_activation::{relu_of, tanh_of};
import package::lib::recurrent_forward::{h_before, put_state, recurrent_gates, x_gates};

const GATES = 1u;
/// Compile-time constant: 1 for ReLU, 0 for tanh.
const RELU = 0u;

fn activation(x: Lane) -> Lane {
  if (RELU == 1u) {
    return relu_of(x);
  }
  return tanh_of(x);
}

fn cell(unit: Unit, product: Lane) {
  if (unit.has_ended) {
    put_state(unit, h_before(unit));
    return;
  }
  put_state(unit, activation(x_gates[unit.at] + product));
}

@compute @workgroup_size(GROUP)
fn rnn_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  let products = recurrent_gates(place, GATES);
  for (var s = 0u; s < place.count; s++) {
    cell(unit_of(place, s), products.g0[s]);
  }
}
