// One time step of the backward pass of a GRU in one direction, steps in reverse order of the forward pass:
//   dh += dy + W^T dhidden of the step computed before   dn = dh (1 - z) (1 - n^2)
//   dr = dn q r (1 - r)   dz = dh (h_old - n) z (1 - z)   dgates = (dr, dz, dn)   dhidden = (dr, dz, dn r)   dh = dh z
// dgates [rows, 3 H] is the gradient of the input projections, dhidden [rows, 3 H] that of W h + b; previous [rows, H]
// holds h_old. dh [N, H] carries what reaches the state past a sequence's end, and after the last dispatch (`finish`)
// is the gradient of h0. Layouts as in gru.forward.wgsl.
// rounds: 3 * hidden / LANE + 4
// variants: wide narrow
import package::lib::grid::workgroup_index;
import package::lib::recurrent::{
  GROUP, LANE, Lane, Sums, has_ended, params, place_of, sequences, sums_of, weights_at,
};
import package::lib::recurrent_dropout::dropped;

@group(0) @binding(3) var<storage, read> saved: array<Lane>;
@group(0) @binding(4) var<storage, read> previous: array<Lane>;
@group(0) @binding(5) var<storage, read> dy: array<Lane>;
@group(0) @binding(6) var<storage, read_write> dgates: array<Lane>;
@group(0) @binding(7) var<storage, read_write> dhidden: array<Lane>;
@group(0) @binding(8) var<storage, read_write> dh: array<Lane>;

fn store(at: u32, dr: Lane, dz: Lane, dn: Lane, dq: Lane) {
  let lanes = params.hidden / LANE;
  dgates[at] = dr;
  dgates[at + lanes] = dz;
  dgates[at + 2u * lanes] = dn;
  dhidden[at] = dr;
  dhidden[at + lanes] = dz;
  dhidden[at + 2u * lanes] = dq;
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
  let row = params.t * params.row_t + n * params.row_n;
  let at = row * 3u * lanes + j;
  if (has_ended(n)) {
    store(at, Lane(), Lane(), Lane(), Lane());
    dh[state] = dh_total;
    return;
  }
  if (params.has_dy != 0u) {
    dh_total += dy[row * lanes + j];
  }
  let save = row * 4u * lanes + j;
  let r = saved[save];
  let z = saved[save + lanes];
  let candidate = saved[save + 2u * lanes];
  let q = saved[save + 3u * lanes];
  let dn = dh_total * (1.0 - z) * (1.0 - candidate * candidate);
  let dz = dh_total * (previous[row * lanes + j] - candidate) * z * (1.0 - z);
  store(at, dn * q * r * (1.0 - r), dz, dn, dn * r);
  dh[state] = dh_total * z;
}

@compute @workgroup_size(GROUP)
fn gru_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  var sum = Sums();
  if (params.is_first == 0u && place.count > 0u) {
    let lanes = params.hidden / LANE;
    let at = (params.t_after * params.row_t + sequences(place) * params.row_n) * 3u * lanes;
    for (var k = 0u; k < 3u * lanes; k++) {
      let d = sums_of(dhidden[at.x + k], dhidden[at.y + k], dhidden[at.z + k], dhidden[at.w + k]);
      sum += weights_at(LANE * k * lanes + place.j, lanes) * d;
    }
  }
  for (var s = 0u; s < place.count; s++) {
    let n = place.first + s;
    cell(n, place.j, dropped(n, place.j, sum[s]));
  }
}
