// One time step of the backward pass of a GRU in one direction (lib/recurrent_backward.wgsl):
//   dh += dy + W^T dgates of the step computed before   dn = dh (1 - z) (1 - n^2)
//   dr = dn q r (1 - r)   dz = dh (h_old - n) z (1 - z)   dgates = (dr, dz, dn r)   dx_gates = (dr, dz, dn)   dh = dh z
// dgates [rows, 3 H] is the gradient of W h + b, dx_gates [rows, 3 H] that of the input projections; previous [rows, H]
// holds h_old, saved is that of gru.forward.wgsl.
// rounds: 3 * hidden / LANE + 4
// variants: wide narrow
// lowering reads: storage
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{GROUP, LANE, Lane, Unit, params, place_of, unit_of, value_at};
import package::lib::recurrent_backward::{dh, put_gate, recurrent_gradients, state_gradient, with_output_gradient};

const GATES = 3u;
const SAVED = 4u;

@group(0) @binding(6) var<storage, read> saved: array<Lane>;
@group(0) @binding(7) var<storage, read> previous: array<Lane>;
@group(0) @binding(8) var<storage, read_write> dx_gates: array<Lane>;

fn put_gates(unit: Unit, dr: Lane, dz: Lane, dn: Lane, dq: Lane) {
  dx_gates[value_at(unit, GATES, 0u)] = dr;
  dx_gates[value_at(unit, GATES, 1u)] = dz;
  dx_gates[value_at(unit, GATES, 2u)] = dn;
  put_gate(unit, GATES, 0u, dr);
  put_gate(unit, GATES, 1u, dz);
  put_gate(unit, GATES, 2u, dq);
}

fn cell(unit: Unit, recurrent: Lane) {
  var dh_total = state_gradient(unit, recurrent);
  if (params.finish != 0u) {
    dh[unit.state] = dh_total;
    return;
  }
  if (unit.has_ended) {
    put_gates(unit, Lane(), Lane(), Lane(), Lane());
    dh[unit.state] = dh_total;
    return;
  }
  dh_total = with_output_gradient(unit, dh_total);
  let r = saved[value_at(unit, SAVED, 0u)];
  let z = saved[value_at(unit, SAVED, 1u)];
  let candidate = saved[value_at(unit, SAVED, 2u)];
  let q = saved[value_at(unit, SAVED, 3u)];
  let dn = dh_total * (1.0 - z) * (1.0 - candidate * candidate);
  let dz = dh_total * (previous[unit.at] - candidate) * z * (1.0 - z);
  put_gates(unit, dn * q * r * (1.0 - r), dz, dn, dn * r);
  dh[unit.state] = dh_total * z;
}

@compute @workgroup_size(GROUP)
fn gru_backward(
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
