// One time step of the backward pass of an LSTM in one direction, steps in reverse order of the forward pass:
//   dh = dy + W^T dgates of the step computed before   dc += dh o (1 - tanh(c)^2)
//   dgates = (dc g, dc c_old, dc i, dh tanh(c)) times the derivatives of the gates   dc = dc f
// dgates [rows, 4 H] is also the gradient of the input projections; dh and dc [N, H] carry what reaches
// the state past a sequence's end, and after the last dispatch (`finish`) are the gradients of h0 and c0.
// Layouts as in lstm.forward.wgsl.
// rounds: 4 * hidden / LANE + 4
// variants: wide narrow
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{
  GROUP, LANE, Lane, Sums, has_ended, params, place_of, sequences, sums_of, weights_at,
};
import package::lib::recurrent_activation::tanh_of;
import package::lib::recurrent_dropout::dropped;

@group(0) @binding(3) var<storage, read> saved: array<Lane>;
@group(0) @binding(4) var<storage, read> dy: array<Lane>;
@group(0) @binding(5) var<storage, read_write> dgates: array<Lane>;
@group(0) @binding(6) var<storage, read_write> dh: array<Lane>;
@group(0) @binding(7) var<storage, read_write> dc: array<Lane>;

fn store(at: u32, di: Lane, df: Lane, dg: Lane, do_: Lane) {
  let lanes = params.hidden / LANE;
  dgates[at] = di;
  dgates[at + lanes] = df;
  dgates[at + 2u * lanes] = dg;
  dgates[at + 3u * lanes] = do_;
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
  var dc_total = Lane();
  if (params.has_dc != 0u) {
    dc_total = dc[state];
  }
  let row = params.t * params.row_t + n * params.row_n;
  let at = row * 4u * lanes + j;
  if (has_ended(n)) {
    store(at, Lane(), Lane(), Lane(), Lane());
    dh[state] = dh_total;
    dc[state] = dc_total;
    return;
  }
  if (params.has_dy != 0u) {
    dh_total += dy[row * lanes + j];
  }
  let save = row * 5u * lanes + j;
  let i = saved[save];
  let f = saved[save + lanes];
  let g = saved[save + 2u * lanes];
  let o = saved[save + 3u * lanes];
  let c_old = saved[save + 4u * lanes];
  let tanh_c = tanh_of(f * c_old + i * g);
  dc_total += dh_total * o * (1.0 - tanh_c * tanh_c);
  store(
    at,
    dc_total * g * i * (1.0 - i),
    dc_total * c_old * f * (1.0 - f),
    dc_total * i * (1.0 - g * g),
    dh_total * tanh_c * o * (1.0 - o),
  );
  dh[state] = Lane();
  dc[state] = dc_total * f;
}

@compute @workgroup_size(GROUP)
fn lstm_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  var sum = Sums();
  if (params.is_first == 0u && place.count > 0u) {
    let lanes = params.hidden / LANE;
    let at = (params.t_after * params.row_t + sequences(place) * params.row_n) * 4u * lanes;
    for (var k = 0u; k < 4u * lanes; k++) {
      let d = sums_of(dgates[at.x + k], dgates[at.y + k], dgates[at.z + k], dgates[at.w + k]);
      sum += weights_at(LANE * k * lanes + place.j, lanes) * d;
    }
  }
  for (var s = 0u; s < place.count; s++) {
    let n = place.first + s;
    cell(n, place.j, dropped(n, place.j, sum[s]));
  }
}
