// dx[p, i] = sum over the windows q that cover position i of dy[p, q] / divisor(q). dx is [planes, size], dy
// [planes, out]; one thread per four columns of dx.
// rounds: taps.x * taps.y * taps.z
// variants: strided adaptive
import package::lib::grid::{next_in_box, part_of, workgroup_index};
import package::lib::pool::{Pool, strip_of, window, windows_over};
import package::lib::pool_divisor::{divisor, extent};

/// Compile-time constant: whether to add to what dx holds.
const ACCUMULATE = 0u;

@group(0) @binding(0) var<uniform> params: Pool;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

fn store(at: u32, inside: bool, value: f32) {
  if (inside) {
    if (ACCUMULATE == 1u) {
      dx[at] += value;
    } else {
      dx[at] = value;
    }
  }
}

@compute @workgroup_size(64)
fn avg_pool_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let size = params.size;
  let at = strip_of(workgroup_index(group, groups) * 64u + local, size);
  if (at.x >= params.planes) {
    return;
  }
  let own = vec4<i32>(i32(at.w)) + vec4<i32>(0, 1, 2, 3);
  let depths = part_of(windows_over(params, 0u, at.y, at.y), params.first.x, params.taps.x);
  let rows = part_of(windows_over(params, 1u, at.z, at.z), params.first.y, params.taps.y);
  let columns = part_of(windows_over(params, 2u, at.w, min(at.w + 3u, size.z - 1u)), params.first.z, params.taps.z);
  let box = vec3<u32>(depths.y - depths.x, rows.y - rows.x, columns.y - columns.x);
  let out = params.out;
  var sums = vec4<f32>();
  if (depths.y > depths.x && rows.y > rows.x && columns.y > columns.x) {
    var tap = vec3<u32>();
    loop {
      let q = vec3<u32>(depths.x, rows.x, columns.x) + tap;
      let count = extent(params, 0u, q.x) * extent(params, 1u, q.y) * extent(params, 2u, q.z);
      let share = dy[((at.x * out.x + q.x) * out.y + q.y) * out.z + q.z] / divisor(params, count);
      let range = vec2<i32>(window(params, 2u, q.z));
      @if(strided) let end = range.x + i32(params.kernel.z);
      @if(adaptive) let end = range.y;
      let covered = (own >= vec4<i32>(range.x)) & (own < vec4<i32>(end));
      sums += select(vec4<f32>(), vec4<f32>(share), covered);
      continuing {
        tap = next_in_box(tap, box);
        break if tap.x == box.x;
      }
    }
  }
  let to = ((at.x * size.x + at.y) * size.y + at.z) * size.z + at.w;
  store(to, true, sums.x);
  store(to + 1u, at.w + 1u < size.z, sums.y);
  store(to + 2u, at.w + 2u < size.z, sums.z);
  store(to + 3u, at.w + 3u < size.z, sums.w);
}
