// The backward pass of a recurrent cell (lib/recurrent.wgsl), steps in reverse order of the forward pass. dgates
// [rows, gates * H] is the gradient of W h; dh [N, H] carries what reaches the state past a sequence's end or by itself, and
// after the last dispatch (`finish`) is the gradient of h0.
import package::lib::recurrent::{LANE, Lane, Place, Sums, Unit, params, sequences, sums_of, value_at, weights_at};
import package::lib::recurrent_dropout::dropped;

@group(0) @binding(3) var<storage, read> dy: array<Lane>;
@group(0) @binding(4) var<storage, read_write> dgates: array<Lane>;
@group(0) @binding(5) var<storage, read_write> dh: array<Lane>;

/// W^T dgates of the step computed before, for a cell of `gates` gates.
fn recurrent_gradients(place: Place, gates: u32) -> Sums {
  var sum = Sums();
  if (params.is_first == 0u && place.count > 0u) {
    let lanes = params.hidden / LANE;
    let at = (params.t_after * params.row_t + sequences(place) * params.row_n) * gates * lanes;
    for (var k = 0u; k < gates * lanes; k++) {
      let d = sums_of(dgates[at.x + k], dgates[at.y + k], dgates[at.z + k], dgates[at.w + k]);
      sum += weights_at(LANE * k * lanes + place.j, lanes) * d;
    }
  }
  return sum;
}

/// The gradient of the state after the step, without that of y.
fn state_gradient(unit: Unit, recurrent: Lane) -> Lane {
  let sum = dropped(unit.n, unit.j, recurrent);
  if (params.has_dh == 0u) {
    return sum;
  }
  return sum + dh[unit.state];
}

/// The same with the gradient of y.
fn with_output_gradient(unit: Unit, dh_total: Lane) -> Lane {
  if (params.has_dy == 0u) {
    return dh_total;
  }
  return dh_total + dy[unit.at];
}

/// Stores the gradient of W h of gate `gate` of `gates`.
fn put_gate(unit: Unit, gates: u32, gate: u32, value: Lane) {
  dgates[value_at(unit, gates, gate)] = value;
}
