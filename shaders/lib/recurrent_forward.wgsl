// The forward pass of a recurrent cell (lib/recurrent.wgsl). x_gates [rows, gates * H] are the input projections with their
// bias. h_in and h_out are [N, H]; with recurrent dropout [2, N, H]: the states, and what W is multiplied by. y [rows, H]
// gets h', and 0 beyond a sequence's end.
import package::lib::recurrent::{LANE, Lane, Place, Sums, Unit, Weights, params, sequences, sums_of, weights_at};
import package::lib::recurrent_dropout::{DROP, dropped};

@group(0) @binding(3) var<storage, read> x_gates: array<Lane>;
@group(0) @binding(4) var<storage, read> h_in: array<Lane>;
@group(0) @binding(5) var<storage, read_write> y: array<Lane>;
@group(0) @binding(6) var<storage, read_write> h_out: array<Lane>;

/// W h of up to four gates.
struct Gates {
  g0: Sums,
  g1: Sums,
  g2: Sums,
  g3: Sums,
}

/// W h of `count` gates, which is a constant where this is called.
fn recurrent_gates(place: Place, count: u32) -> Gates {
  var gates = Gates();
  if (params.has_h != 0u && place.count > 0u) {
    let lanes = params.hidden / LANE;
    let at = sequences(place) * lanes + params.masked_in;
    let line = place.j * params.hidden;
    let gate = params.hidden * lanes;
    for (var k = 0u; k < lanes; k++) {
      let h = sums_of(h_in[at.x + k], h_in[at.y + k], h_in[at.z + k], h_in[at.w + k]);
      gates.g0 += row_products(weights_at(line + k, lanes), h);
      if (count > 1u) {
        gates.g1 += row_products(weights_at(line + gate + k, lanes), h);
      }
      if (count > 2u) {
        gates.g2 += row_products(weights_at(line + 2u * gate + k, lanes), h);
      }
      if (count > 3u) {
        gates.g3 += row_products(weights_at(line + 3u * gate + k, lanes), h);
      }
    }
  }
  return gates;
}

/// Rows of the weight times a lane of the states.
@if(wide)
fn row_products(w: Weights, h: Sums) -> Sums {
  return transpose(w) * h;
}
@if(narrow)
fn row_products(w: Weights, h: Sums) -> Sums {
  return w * h;
}

/// The state before the step.
fn h_before(unit: Unit) -> Lane {
  if (params.has_h == 0u) {
    return Lane();
  }
  return h_in[unit.state];
}

/// Stores the state after the step and the output; behind the states goes what W is multiplied by in the next step.
fn put_state(unit: Unit, h: Lane) {
  h_out[unit.state] = h;
  if (DROP == 1u && params.masked_out != 0u) {
    h_out[params.masked_out + unit.state] = dropped(unit.n, unit.j, h);
  }
  y[unit.at] = select(h, Lane(), unit.has_ended);
}
