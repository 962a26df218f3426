// One time step of the backward pass of an LSTM in one direction (lib/recurrent_backward.wgsl):
//   dh = dy + W^T dgates of the step computed before   dc += dh o (1 - tanh(c)^2)
//   dgates = (dc g, dc c_old, dc i, dh tanh(c)) times the derivatives of the gates   dc = dc f
// dgates [rows, 4 H] is also the gradient of the input projections; dc [N, H] is carried like dh and ends as the gradient
// of c0. saved is that of lstm.forward.wgsl.
// rounds: 4 * hidden / LANE + 4
// variants: wide narrow
// lowering reads: storage
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{GROUP, LANE, Lane, Unit, params, place_of, unit_of, value_at};
import package::lib::recurrent_activation::tanh_of;
import package::lib::recurrent_backward::{dh, put_gate, recurrent_gradients, state_gradient, with_output_gradient};

const GATES = 4u;
const SAVED = 5u;

@group(0) @binding(6) var<storage, read> saved: array<Lane>;
@group(0) @binding(7) var<storage, read_write> dc: array<Lane>;

fn put_gates(unit: Unit, di: Lane, df: Lane, dg: Lane, do_: Lane) {
  put_gate(unit, GATES, 0u, di);
  put_gate(unit, GATES, 1u, df);
  put_gate(unit, GATES, 2u, dg);
  put_gate(unit, GATES, 3u, do_);
}

fn cell(unit: Unit, recurrent: Lane) {
  var dh_total = state_gradient(unit, recurrent);
  if (params.finish != 0u) {
    dh[unit.state] = dh_total;
    return;
  }
  var dc_total = Lane();
  if (params.has_dc != 0u) {
    dc_total = dc[unit.state];
  }
  if (unit.has_ended) {
    put_gates(unit, Lane(), Lane(), Lane(), Lane());
    dh[unit.state] = dh_total;
    dc[unit.state] = dc_total;
    return;
  }
  dh_total = with_output_gradient(unit, dh_total);
  let i = saved[value_at(unit, SAVED, 0u)];
  let f = saved[value_at(unit, SAVED, 1u)];
  let g = saved[value_at(unit, SAVED, 2u)];
  let o = saved[value_at(unit, SAVED, 3u)];
  let c_old = saved[value_at(unit, SAVED, 4u)];
  let tanh_c = tanh_of(f * c_old + i * g);
  dc_total += dh_total * o * (1.0 - tanh_c * tanh_c);
  put_gates(
    unit,
    dc_total * g * i * (1.0 - i),
    dc_total * c_old * f * (1.0 - f),
    dc_total * i * (1.0 - g * g),
    dh_total * tanh_c * o * (1.0 - o),
  );
  dh[unit.state] = Lane();
  dc[unit.state] = dc_total * f;
}

@compute @workgroup_size(GROUP)
fn lstm_backward(
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
