// y[o, r, i] = alpha * sum of src[o, p, i] over the positions p where index is r: each element of y looks through its line
// of index. y is [outer, rows, inner] with n elements, src is [outer, positions, inner], and so is index
// unless it is `shared` by all lines: then it is [positions]. Row `skip` gets 0. Added to y when `accumulate` is set.
import package::lib::grid::workgroup_range;

struct Params {
  n: u32,
  inner: u32,
  rows: u32,
  positions: u32,
  /// Neighbouring elements of y per thread, with the same indices: 1, or 4 where index is shared.
  columns: u32,
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
  // Uniforms read once: in the loop over the positions they would cost as much as the rest of it.
  let shared_index = params.shared_index != 0u;
  let positions = params.positions;
  let inner = params.inner;
  let columns = params.columns;
  let range = workgroup_range(group, groups, params.n / columns);
  for (var item = range.x + local; item < range.y; item += 64u) {
    let at = item * columns;
    let row = at / inner % params.rows;
    let line = at / inner / params.rows;
    let first = line * positions * inner + at % inner;
    var sum = vec4<f32>();
    if (row != params.skip) {
      for (var p = 0u; p < positions; p++) {
        let place = first + p * inner;
        if (index[select(place, p, shared_index)] == row) {
          sum.x += src[place];
          if (columns == 4u) {
            sum += vec4<f32>(0.0, src[place + 1u], src[place + 2u], src[place + 3u]);
          }
        }
      }
    }
    for (var c = 0u; c < columns; c++) {
      let value = params.alpha * sum[c];
      if (params.accumulate != 0u) {
        y[at + c] += value;
      } else {
        y[at + c] = value;
      }
    }
  }
}
