// One time step of the backward pass of a GRU in one direction, steps in reverse order of the forward pass:
//   dh += dy + W^T dhidden of the step computed before   dn = dh (1 - z) (1 - n^2)
//   dr = dn q r (1 - r)   dz = dh (h_old - n) z (1 - z)   dgates = (dr, dz, dn)   dhidden = (dr, dz, dn r)   dh = dh z
// dgates [rows, 3 H] is the gradient of the input projections, dhidden [rows, 3 H] that of W h + b; previous [rows, H]
// holds h_old. dh [N, H] carries what reaches the state past a sequence's end, and after the last dispatch (`finish`)
// is the gradient of h0. Layouts as in gru.forward.wgsl. One thread per hidden unit and four sequences.
import package::lib::grid::workgroup_index;

struct Params {
  batch: u32,
  hidden: u32,
  t: u32,
  /// The step computed before, whose gate gradients reach this one.
  t_after: u32,
  row_t: u32,
  row_n: u32,
  has_dy: u32,
  has_dh: u32,
  has_lengths: u32,
  /// 1 for the first step computed: no step comes after it.
  is_first: u32,
  /// 1 for the dispatch after the last step, which only completes dh.
  finish: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> saved: array<f32>;
@group(0) @binding(2) var<storage, read> previous: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> lengths: array<i32>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read_write> dgates: array<f32>;
@group(0) @binding(7) var<storage, read_write> dhidden: array<f32>;
@group(0) @binding(8) var<storage, read_write> dh: array<f32>;

fn store(at: u32, dr: f32, dz: f32, dn: f32, dq: f32) {
  let hidden = params.hidden;
  dgates[at] = dr;
  dgates[at + hidden] = dz;
  dgates[at + 2u * hidden] = dn;
  dhidden[at] = dr;
  dhidden[at + hidden] = dz;
  dhidden[at + 2u * hidden] = dq;
}

fn cell(n: u32, j: u32, recurrent: f32) {
  let hidden = params.hidden;
  let state = n * hidden + j;
  var dh_total = recurrent;
  if (params.has_dh != 0u) {
    dh_total += dh[state];
  }
  if (params.finish != 0u) {
    dh[state] = dh_total;
    return;
  }
  let row = params.t * params.row_t + n * params.row_n;
  let at = row * 3u * hidden + j;
  if (params.has_lengths != 0u && i32(params.t) >= lengths[n]) {
    store(at, 0.0, 0.0, 0.0, 0.0);
    dh[state] = dh_total;
    return;
  }
  if (params.has_dy != 0u) {
    dh_total += dy[row * hidden + j];
  }
  let save = row * 4u * hidden + j;
  let r = saved[save];
  let z = saved[save + hidden];
  let candidate = saved[save + 2u * hidden];
  let q = saved[save + 3u * hidden];
  let dn = dh_total * (1.0 - z) * (1.0 - candidate * candidate);
  let dz = dh_total * (previous[row * hidden + j] - candidate) * z * (1.0 - z);
  store(at, dn * q * r * (1.0 - r), dz, dn, dn * r);
  dh[state] = dh_total * z;
}

@compute @workgroup_size(64)
fn gru_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let index = workgroup_index(group, groups) * 64u + local;
  let hidden = params.hidden;
  let j = index % hidden;
  let first = index / hidden * 4u;
  if (first >= params.batch) {
    return;
  }
  let n = min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(params.batch - 1u));
  var sum = vec4<f32>();
  if (params.is_first == 0u) {
    let at = (params.t_after * params.row_t + n * params.row_n) * 3u * hidden;
    for (var k = 0u; k < 3u * hidden; k++) {
      let d = vec4<f32>(dhidden[at.x + k], dhidden[at.y + k], dhidden[at.z + k], dhidden[at.w + k]);
      sum += weight[k * hidden + j] * d;
    }
  }
  cell(n.x, j, sum.x);
  if (first + 1u < params.batch) {
    cell(n.y, j, sum.y);
  }
  if (first + 2u < params.batch) {
    cell(n.z, j, sum.z);
  }
  if (first + 3u < params.batch) {
    cell(n.w, j, sum.w);
  }
}
