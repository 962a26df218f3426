// One time step of an LSTM in one direction (lib/recurrent_forward.wgsl):
//   i, f, o = sigmoid(x_gate + W h)   g = tanh(x_gate + W h)   c' = f c + i g   h' = o tanh(c')
// Gates are in the order i, f, g, o; c [N, H] is updated in place. Saved for the backward pass: saved [rows, 5 H] = i, f, g,
// o and the c before the step.
// rounds: hidden / LANE + 4
// variants: wide narrow
// lowering reads: GATES SAVED storage
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{GROUP, LANE, Lane, Unit, params, place_of, unit_of, value_at};
import package::lib::recurrent_activation::{sigmoid_of, tanh_of};
import package::lib::recurrent_forward::{h_before, put_state, recurrent_gates, x_gates};

const GATES = 4u;
const SAVED = 5u;

@group(0) @binding(7) var<storage, read_write> saved: array<Lane>;
@group(0) @binding(8) var<storage, read_write> c: array<Lane>;

fn x_gate(unit: Unit, gate: u32) -> Lane {
  return x_gates[value_at(unit, GATES, gate)];
}

/// The cell, with W h of its gates.
fn cell(unit: Unit, wi: Lane, wf: Lane, wg: Lane, wo: Lane) {
  var c_old = Lane();
  if (params.has_c != 0u) {
    c_old = c[unit.state];
  }
  if (unit.has_ended) {
    put_state(unit, h_before(unit));
    c[unit.state] = c_old;
    return;
  }
  let i = sigmoid_of(x_gate(unit, 0u) + wi);
  let f = sigmoid_of(x_gate(unit, 1u) + wf);
  let g = tanh_of(x_gate(unit, 2u) + wg);
  let o = sigmoid_of(x_gate(unit, 3u) + wo);
  let c_new = f * c_old + i * g;
  put_state(unit, o * tanh_of(c_new));
  c[unit.state] = c_new;
  saved[value_at(unit, SAVED, 0u)] = i;
  saved[value_at(unit, SAVED, 1u)] = f;
  saved[value_at(unit, SAVED, 2u)] = g;
  saved[value_at(unit, SAVED, 3u)] = o;
  saved[value_at(unit, SAVED, 4u)] = c_old;
}

@compute @workgroup_size(GROUP)
fn lstm_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  let products = recurrent_gates(place, GATES);
  for (var s = 0u; s < place.count; s++) {
    cell(unit_of(place, s), products.g0[s], products.g1[s], products.g2[s], products.g3[s]);
  }
}
