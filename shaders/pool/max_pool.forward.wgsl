// y[p, q] = max of x[p, i] over the positions i of window q, and index[p, q] = the position (within the plane) that
// it came from, for the backward pass: the first of equal values; NaN if there is one, as in PyTorch.
// x is [planes, size], y and index [planes, out]; one thread per four columns of y.
// variants: strided adaptive
import package::lib::float::is_nan;
import package::lib::grid::workgroup_index;
import package::lib::pool::{Pool, strip_of, window};

@group(0) @binding(0) var<uniform> params: Pool;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> index: array<i32>;

/// The largest value so far and its position; -1 before the first.
struct Best {
  value: f32,
  at: i32,
}

/// Compares with the value at `column` of the row that begins at `row` in the plane.
fn better(best: Best, plane: u32, row: u32, column: u32, end: u32, row_inside: bool) -> Best {
  let inside = row_inside && column < end;
  let value = x[select(0u, plane + row + column, inside)];
  let larger = best.at < 0 || is_nan(value) || (value > best.value && !is_nan(best.value));
  let take = inside && larger;
  return Best(select(best.value, value, take), select(best.at, i32(row + column), take));
}

fn store(at: u32, inside: bool, best: Best) {
  if (inside) {
    y[at] = best.value;
    index[at] = best.at;
  }
}

@compute @workgroup_size(64)
fn max_pool_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let q = strip_of(workgroup_index(group, groups) * 64u + local, params.out);
  if (q.x >= params.planes) {
    return;
  }
  let size = params.size;
  let depths = window(params, 0u, q.y);
  let rows = window(params, 1u, q.z);
  let columns0 = window(params, 2u, q.w);
  let columns1 = window(params, 2u, q.w + 1u);
  let columns2 = window(params, 2u, q.w + 2u);
  let columns3 = window(params, 2u, q.w + 3u);
  let plane = q.x * size.x * size.y * size.z;
  var best0 = Best(0.0, -1);
  var best1 = best0;
  var best2 = best0;
  var best3 = best0;
  for (var kd = 0u; kd < params.kernel.x; kd++) {
    let d = depths.x + kd * params.dilation.x;
    for (var kh = 0u; kh < params.kernel.y; kh++) {
      let h = rows.x + kh * params.dilation.y;
      let inside = d < depths.y && h < rows.y;
      let row = (d * size.y + h) * size.z;
      for (var kw = 0u; kw < params.kernel.z; kw++) {
        let w = kw * params.dilation.z;
        best0 = better(best0, plane, row, columns0.x + w, columns0.y, inside);
        best1 = better(best1, plane, row, columns1.x + w, columns1.y, inside);
        best2 = better(best2, plane, row, columns2.x + w, columns2.y, inside);
        best3 = better(best3, plane, row, columns3.x + w, columns3.y, inside);
      }
    }
  }
  let at = ((q.x * params.out.x + q.y) * params.out.y + q.z) * params.out.z + q.w;
  store(at, true, best0);
  store(at + 1u, q.w + 1u < params.out.z, best1);
  store(at + 2u, q.w + 2u < params.out.z, best2);
  store(at + 3u, q.w + 3u < params.out.z, best3);
}
