// y[r, i] = how many of the sorted boundaries of row r are below x[r, i], with `right` also those equal to it, by
// bisection: where x
// would be inserted. x is [rows, per_row] with n elements, boundaries are [rows, length], or [length] for all rows when
// `shared`. NaN stands behind all boundaries.
// rounds: 34 * ceil(n / threads)
import package::lib::float::is_nan;
import package::lib::grid::workgroup_range;

struct Params { n: u32, per_row: u32, length: u32, shared_row: u32, right: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> boundaries: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<i32>;

@compute @workgroup_size(64)
fn search_sorted(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let value = x[i];
    let start = select(i / params.per_row * params.length, 0u, params.shared_row != 0u);
    var low = 0u;
    var high = params.length;
    while (low < high) {
      let middle = (low + high) / 2u;
      let boundary = boundaries[start + middle];
      let below = !is_nan(boundary) && (boundary < value || (params.right != 0u && boundary == value));
      if (is_nan(value) || below) {
        low = middle + 1u;
      } else {
        high = middle;
      }
    }
    y[i] = i32(low);
  }
}
