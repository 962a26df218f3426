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
  for (var at = range.x + local; at < range.y; at += 64u) {
    let i = at % params.inner;
    let row = at / params.inner % params.rows;
    let line = at / params.inner / params.rows;
    var sum = 0.0;
    for (var p = 0u; p < params.positions; p++) {
      let place = (line * params.positions + p) * params.inner + i;
      if (index[select(place, p, params.shared_index != 0u)] == row && row != params.skip) {
        sum += src[place];
      }
    }
    if (params.accumulate != 0u) {
      y[at] += params.alpha * sum;
    } else {
      y[at] = params.alpha * sum;
    }
  }
}
