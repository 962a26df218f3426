// starts[r] = number of sorted keys below r, by bisection, for r < rows: where the positions with key r begin in `order`.
// n positions.
// rounds: 35 * ceil(rows / threads)
import package::lib::grid::workgroup_range;

struct Params { n: u32, rows: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> starts: array<u32>;

@compute @workgroup_size(64)
fn sort_starts(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.rows);
  for (var row = range.x + local; row < range.y; row += 64u) {
    var low = 0u;
    var high = params.n;
    while (low < high) {
      let middle = (low + high) / 2u;
      if (keys[order[middle]] < row) {
        low = middle + 1u;
      } else {
        high = middle;
      }
    }
    starts[row] = low;
  }
}
