// One-dimensional work over a grid that may be folded into two dimensions, because WebGPU allows at most 65,535
// workgroups per dimension. The host side is `grid()` in src/graph/ir/grid.ts.

/// Index of this workgroup in a folded grid.
fn workgroup_index(group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return group.x + group.y * groups.x;
}

/// The part [x, y) of n elements that this workgroup of 64 invocations works on; they walk it side by side:
/// `for (var i = range.x + local; i < range.y; i += 64u)`. The host side is `elementGrid()` in src/graph/ir/grid.ts.
fn workgroup_range(group: vec3<u32>, groups: vec3<u32>, n: u32) -> vec2<u32> {
  let threads = groups.x * groups.y * 64u;
  let size = (n + threads - 1u) / threads * 64u;
  let start = min(workgroup_index(group, groups) * size, n);
  return vec2<u32>(start, min(start + size, n));
}

/// The place behind this one in a box, the last dimension first; .x is box.x behind the last. Loops over a box end with
/// `break if at.x == box.x`, because CPU adapters run the body of a `for` once more than it counts.
fn next_in_box(at: vec3<u32>, box: vec3<u32>) -> vec3<u32> {
  let row_done = at.z + 1u == box.z;
  let slice_done = row_done && at.y + 1u == box.y;
  return vec3<u32>(
    at.x + u32(slice_done),
    select(at.y + u32(row_done), 0u, slice_done),
    select(at.z + 1u, 0u, row_done),
  );
}

/// The part of the range [x, y) that starts `first` behind x and has at most `taps` elements.
fn part_of(range: vec2<u32>, first: u32, taps: u32) -> vec2<u32> {
  return min(range.x + vec2<u32>(first, first + taps), range.yy);
}
