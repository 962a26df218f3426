// y[p, q] = max of x[p, i] over the positions i of window q, and index[p, q] = the position (within the plane) that
// it came from, for the backward pass: the first of equal values; NaN if there is one, as in PyTorch.
// x is [planes, size], y and index [planes, out]; one thread per four columns of y.
// rounds: taps.x * taps.y * taps.z
// variants: strided adaptive
import package::lib::float::is_nan;
import package::lib::grid::{next_in_box, workgroup_index};
import package::lib::pool::{Pool, strip_of, window};

/// Compile-time constant: y = max(that, 0), with index -1 where no gradient passes.
const RELU = 0u;
/// Compile-time constant: whether y and index hold the maxima of earlier parts of the windows.
const CONTINUED = 0u;

@group(0) @binding(0) var<uniform> params: Pool;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> index: array<i32>;

/// Which of four numbers are NaN.
fn are_nan(values: vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<u32>>(values) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u);
}

fn store(at: u32, inside: bool, best: f32, from_here: i32) {
  if (inside) {
    if (RELU == 1u) {
      let passes = best > 0.0 || is_nan(best);
      y[at] = select(0.0, best, passes);
      index[at] = select(-1, from_here, passes);
    } else {
      y[at] = best;
      index[at] = from_here;
    }
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
  let dilation = params.dilation;
  let skipped = params.first * dilation;
  let depths = window(params, 0u, q.y) + vec2<u32>(skipped.x, 0u);
  let rows = window(params, 1u, q.z) + vec2<u32>(skipped.y, 0u);
  let columns_a = window(params, 2u, q.w);
  let columns_b = window(params, 2u, q.w + 1u);
  let columns_c = window(params, 2u, q.w + 2u);
  let columns_d = window(params, 2u, q.w + 3u);
  let columns = vec4<u32>(columns_a.x, columns_b.x, columns_c.x, columns_d.x) + vec4<u32>(skipped.z);
  let ends = vec4<u32>(columns_a.y, columns_b.y, columns_c.y, columns_d.y);
  let plane = q.x * size.x * size.y * size.z;
  // The largest values of the four windows so far, and their positions; -1 before the first.
  var best = vec4<f32>();
  var place = vec4<i32>(-1);
  let at = ((q.x * params.out.x + q.y) * params.out.y + q.z) * params.out.z + q.w;
  if (CONTINUED == 1u) {
    let near = min(at + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(at - q.w + params.out.z - 1u));
    best = vec4<f32>(y[near.x], y[near.y], y[near.z], y[near.w]);
    place = vec4<i32>(index[near.x], index[near.y], index[near.z], index[near.w]);
  }
  let taps = params.taps;
  var tap = vec3<u32>();
  loop {
    let d = depths.x + tap.x * dilation.x;
    let h = rows.x + tap.y * dilation.y;
    let row = (d * size.y + h) * size.z;
    // What lies outside is read from somewhere and not taken.
    let column = columns + tap.z * dilation.z;
    let i = column + (plane + row);
    let values = vec4<f32>(x[i.x], x[i.y], x[i.z], x[i.w]);
    let larger = (place < vec4<i32>()) | are_nan(values) | ((values > best) & !are_nan(best));
    let take = larger & (column < ends) & vec4<bool>(d < depths.y && h < rows.y);
    best = select(best, values, take);
    place = select(place, vec4<i32>(column + row), take);
    continuing {
      tap = next_in_box(tap, taps);
      break if tap.x == taps.x;
    }
  }
  store(at, true, best.x, place.x);
  store(at + 1u, q.w + 1u < params.out.z, best.y, place.y);
  store(at + 2u, q.w + 2u < params.out.z, best.z, place.z);
  store(at + 3u, q.w + 3u < params.out.z, best.w, place.w);
}
