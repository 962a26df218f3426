// dx[p, i] = sum of dy[p, q] over the windows q whose maximum came from position i (index[p, q] = i).
// dx is [planes, size], dy and index [planes, out]; one thread per four columns of two rows of dx, which looks at the
// windows over them.
// rounds: taps.x * taps.y * taps.z
// variants: strided adaptive
import package::lib::grid::{next_in_box, part_of, workgroup_index};
import package::lib::pool::{Pool, strip_of, windows_over};

/// Compile-time constant: whether to add to what dx holds.
const ACCUMULATE = 0u;

@group(0) @binding(0) var<uniform> params: Pool;
@group(0) @binding(1) var<storage, read> index: array<i32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

fn store(at: u32, inside: bool, value: f32) {
  if (inside) {
    if (ACCUMULATE == 1u) {
      dx[at] += value;
    } else {
      dx[at] = value;
    }
  }
}

fn store_row(at: u32, columns: u32, values: vec4<f32>) {
  store(at, columns > 0u, values.x);
  store(at + 1u, columns > 1u, values.y);
  store(at + 2u, columns > 2u, values.z);
  store(at + 3u, columns > 3u, values.w);
}

@compute @workgroup_size(64)
fn max_pool_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let size = params.size;
  let at = strip_of(workgroup_index(group, groups) * 64u + local, vec3<u32>(size.x, (size.y + 1u) / 2u, size.z));
  if (at.x >= params.planes) {
    return;
  }
  let line = 2u * at.z;
  let first = (at.y * size.y + line) * size.z + at.w;
  let above = vec4<i32>(i32(first)) + vec4<i32>(0, 1, 2, 3);
  let below = above + i32(size.z);
  let depths = part_of(windows_over(params, 0u, at.y, at.y), params.first.x, params.taps.x);
  let rows = part_of(windows_over(params, 1u, line, min(line + 1u, size.y - 1u)), params.first.y, params.taps.y);
  let columns = part_of(windows_over(params, 2u, at.w, min(at.w + 3u, size.z - 1u)), params.first.z, params.taps.z);
  var sums_above = vec4<f32>();
  var sums_below = vec4<f32>();
  let box = vec3<u32>(depths.y - depths.x, rows.y - rows.x, columns.y - columns.x);
  let out = params.out;
  if (depths.y > depths.x && rows.y > rows.x && columns.y > columns.x) {
    var tap = vec3<u32>();
    loop {
      let i = ((at.x * out.x + depths.x + tap.x) * out.y + rows.x + tap.y) * out.z + columns.x + tap.z;
      let gradient = vec4<f32>(dy[i]);
      let place = vec4<i32>(index[i]);
      sums_above += select(vec4<f32>(), gradient, place == above);
      sums_below += select(vec4<f32>(), gradient, place == below);
      continuing {
        tap = next_in_box(tap, box);
        break if tap.x == box.x;
      }
    }
  }
  let to = at.x * size.x * size.y * size.z + first;
  let inside = size.z - at.w;
  store_row(to, inside, sums_above);
  store_row(to + size.z, select(0u, inside, line + 1u < size.y), sums_below);
}
