// y[o, r, i] = alpha * sum of src[o, p, i] over the positions p where index is r: each element of y looks through its line
// of index, for short lines. y is [outer, rows, inner] with n elements, src is [outer, positions, inner], and so is index
// unless it is `shared` by all lines: then it is [positions]. Row `skip` gets 0. Added to y when `accumulate` is set.
import package::lib::grid::workgroup_range;

struct Params {
  n: u32,
  inner: u32,
  rows: u32,
  positions: u32,
  shared_index: u32,
  skip: u32,
  accumulate: u32,
  alpha: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@group(0) @binding(2) var<storage, read> src: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn scatter_add_line(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  // Uniforms read once: in the loop over the positions they would cost as much as the rest of it.
  let shared_index = params.shared_index != 0u;
  let positions = params.positions;
  let inner = params.inner;
  for (var at = range.x + local; at < range.y; at += 64u) {
    let row = at / inner % params.rows;
    let line = at / inner / params.rows;
    let first = line * positions * inner + at % inner;
    var sum = 0.0;
    if (row != params.skip) {
      for (var p = 0u; p < positions; p++) {
        let place = first + p * inner;
        if (index[select(place, p, shared_index)] == row) {
          sum += src[place];
        }
      }
    }
    if (params.accumulate != 0u) {
      y[at] += params.alpha * sum;
    } else {
      y[at] = params.alpha * sum;
    }
  }
}
