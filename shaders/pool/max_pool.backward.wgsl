// dx[p, i] = sum of dy[p, q] over the windows q whose maximum came from position i (index[p, q] = i).
// dx is [planes, size], dy and index [planes, out]; one thread per four columns of dx, which looks at the windows over
// them.
// With RELU only windows whose y is above 0 (or NaN) count.
// variants: strided adaptive
import package::lib::float::is_nan;
import package::lib::grid::{next_in_box, workgroup_index};
import package::lib::pool::{Pool, strip_of, windows_over};

/// Specialized: whether to add to what dx holds; whether a relu came before.
const ACCUMULATE = 0u;
const RELU = 0u;

@group(0) @binding(0) var<uniform> params: Pool;
@group(0) @binding(1) var<storage, read> index: array<i32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

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
fn max_pool_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let size = params.size;
  let at = strip_of(workgroup_index(group, groups) * 64u + local, size);
  if (at.x >= params.planes) {
    return;
  }
  let first = (at.y * size.y + at.z) * size.z + at.w;
  let own = vec4<i32>(i32(first)) + vec4<i32>(0, 1, 2, 3);
  let depths = windows_over(params, 0u, at.y, at.y);
  let rows = windows_over(params, 1u, at.z, at.z);
  let columns = windows_over(params, 2u, at.w, min(at.w + 3u, size.z - 1u));
  var sums = vec4<f32>();
  let box = vec3<u32>(depths.y - depths.x, rows.y - rows.x, columns.y - columns.x);
  let out = params.out;
  if (depths.y > depths.x && rows.y > rows.x && columns.y > columns.x) {
    var tap = vec3<u32>();
    loop {
      let i = ((at.x * out.x + depths.x + tap.x) * out.y + rows.x + tap.y) * out.z + columns.x + tap.z;
      var gradient = dy[i];
      if (RELU == 1u) {
        let value = y[i];
        gradient = select(0.0, gradient, value > 0.0 || is_nan(value));
      }
      sums += select(vec4<f32>(), vec4<f32>(gradient), vec4<i32>(index[i]) == own);
      continuing {
        tap = next_in_box(tap, box);
        break if tap.x == box.x;
      }
    }
  }
  let to = at.x * size.x * size.y * size.z + first;
  store(to, true, sums.x);
  store(to + 1u, at.w + 1u < size.z, sums.y);
  store(to + 2u, at.w + 2u < size.z, sums.z);
  store(to + 3u, at.w + 3u < size.z, sums.w);
}
