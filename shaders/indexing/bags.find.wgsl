// bag[p] = number of the bag that position p belongs to: the last whose offset is not above p, by bisection. Positions
// before the first offset and those where index is `padding` belong to none, which is -1. n positions; offsets are sorted.
// rounds: 34 * ceil(n / threads)
import package::lib::grid::workgroup_range;

struct Params { n: u32, bags: u32, padding: i32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> index: array<i32>;
@group(0) @binding(2) var<storage, read> offsets: array<i32>;
@group(0) @binding(3) var<storage, read_write> bag: array<i32>;

@compute @workgroup_size(64)
fn bags_find(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var p = range.x + local; p < range.y; p += 64u) {
    var low = 0u;
    var high = params.bags;
    while (low < high) {
      let middle = (low + high) / 2u;
      if (offsets[middle] <= i32(p)) {
        low = middle + 1u;
      } else {
        high = middle;
      }
    }
    bag[p] = select(i32(low) - 1, -1, index[p] == params.padding);
  }
}
