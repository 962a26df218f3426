// y[p, q] = sum of x[p, i] over the positions i of window q / divisor(q). x is [planes, size], y [planes, out]; one
// thread per four columns of y.
// rounds: taps.x * taps.y * taps.z
// variants: strided adaptive
import package::lib::grid::{next_in_box, workgroup_index};
import package::lib::pool::{Pool, strip_of, window};
import package::lib::pool_divisor::{divisor, extent};

/// Compile-time constant: whether to add to what y holds, of the earlier parts of the windows.
const ACCUMULATE = 0u;

@group(0) @binding(0) var<uniform> params: Pool;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn input(row: u32, column: u32, end: u32) -> f32 {
  let inside = column < end;
  return select(0.0, x[select(0u, row + column, inside)], inside);
}

fn store(at: u32, inside: bool, value: f32) {
  if (inside) {
    if (ACCUMULATE == 1u) {
      y[at] += value;
    } else {
      y[at] = value;
    }
  }
}

@compute @workgroup_size(64)
fn avg_pool_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let q = strip_of(workgroup_index(group, groups) * 64u + local, params.out);
  if (q.x >= params.planes) {
    return;
  }
  let skipped = params.first;
  let depths = window(params, 0u, q.y) + vec2<u32>(skipped.x, 0u);
  let rows = window(params, 1u, q.z) + vec2<u32>(skipped.y, 0u);
  let columns0 = window(params, 2u, q.w) + vec2<u32>(skipped.z, 0u);
  let columns1 = window(params, 2u, q.w + 1u) + vec2<u32>(skipped.z, 0u);
  let columns2 = window(params, 2u, q.w + 2u) + vec2<u32>(skipped.z, 0u);
  let columns3 = window(params, 2u, q.w + 3u) + vec2<u32>(skipped.z, 0u);
  let size = params.size;
  let taps = params.taps;
  // One sum per row: less rounding in large windows than a single running sum.
  var sums = vec4<f32>();
  var row_sums = vec4<f32>();
  var tap = vec3<u32>();
  loop {
    let d = depths.x + tap.x;
    let h = rows.x + tap.y;
    let inside = d < depths.y && h < rows.y;
    let row = ((q.x * size.x + d) * size.y + h) * size.z;
    row_sums += vec4<f32>(
      input(row, columns0.x + tap.z, select(0u, columns0.y, inside)),
      input(row, columns1.x + tap.z, select(0u, columns1.y, inside)),
      input(row, columns2.x + tap.z, select(0u, columns2.y, inside)),
      input(row, columns3.x + tap.z, select(0u, columns3.y, inside)),
    );
    continuing {
      tap = next_in_box(tap, taps);
      let row_done = vec4<bool>(tap.z == 0u);
      sums += select(vec4<f32>(), row_sums, row_done);
      row_sums = select(row_sums, vec4<f32>(), row_done);
      break if tap.x == taps.x;
    }
  }
  let at = ((q.x * params.out.x + q.y) * params.out.y + q.z) * params.out.z + q.w;
  let lines = extent(params, 0u, q.y) * extent(params, 1u, q.z);
  store(at, true, sums.x / divisor(params, lines * extent(params, 2u, q.w)));
  store(at + 1u, q.w + 1u < params.out.z, sums.y / divisor(params, lines * extent(params, 2u, q.w + 1u)));
  store(at + 2u, q.w + 2u < params.out.z, sums.z / divisor(params, lines * extent(params, 2u, q.w + 2u)));
  store(at + 3u, q.w + 3u < params.out.z, sums.w / divisor(params, lines * extent(params, 2u, q.w + 3u)));
}
