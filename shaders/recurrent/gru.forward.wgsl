// One time step of a GRU in one direction (lib/recurrent_forward.wgsl):
//   r, z = sigmoid(x_gate + W h + b)   q = W h + b   n = tanh(x_gate + r q)   h' = (1 - z) n + z h
// Gates are in the order r, z, n; b = bias [3 H]. Saved for the backward pass: saved [rows, 4 H] = r, z, n, q.
// rounds: hidden / LANE + 4
// variants: wide narrow
// lowering reads: GATES SAVED storage
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{GROUP, LANE, Lane, Unit, params, place_of, unit_of, value_at};
import package::lib::recurrent_activation::{sigmoid_of, tanh_of};
import package::lib::recurrent_forward::{h_before, put_state, recurrent_gates, x_gates};

const GATES = 3u;
const SAVED = 4u;

@group(0) @binding(7) var<storage, read_write> saved: array<Lane>;
@group(0) @binding(8) var<storage, read> bias: array<Lane>;

fn x_gate(unit: Unit, gate: u32) -> Lane {
  return x_gates[value_at(unit, GATES, gate)];
}

/// The bias of a gate.
fn bias_of(gate: u32, j: u32) -> Lane {
  if (params.has_bias == 0u) {
    return Lane();
  }
  return bias[gate * (params.hidden / LANE) + j];
}

/// The cell, with W h of its gates.
fn cell(unit: Unit, wr: Lane, wz: Lane, wn: Lane) {
  let h_old = h_before(unit);
  if (unit.has_ended) {
    put_state(unit, h_old);
    return;
  }
  let r = sigmoid_of(x_gate(unit, 0u) + wr + bias_of(0u, unit.j));
  let z = sigmoid_of(x_gate(unit, 1u) + wz + bias_of(1u, unit.j));
  let q = wn + bias_of(2u, unit.j);
  let candidate = tanh_of(x_gate(unit, 2u) + r * q);
  put_state(unit, (1.0 - z) * candidate + z * h_old);
  saved[value_at(unit, SAVED, 0u)] = r;
  saved[value_at(unit, SAVED, 1u)] = z;
  saved[value_at(unit, SAVED, 2u)] = candidate;
  saved[value_at(unit, SAVED, 3u)] = q;
}

@compute @workgroup_size(GROUP)
fn gru_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  let products = recurrent_gates(place, GATES);
  for (var s = 0u; s < place.count; s++) {
    cell(unit_of(place, s), products.g0[s], products.g1[s], products.g2[s]);
  }
}
