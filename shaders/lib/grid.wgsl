// One-dimensional work over a grid that may be folded into two dimensions, because WebGPU allows at most 65,535
// workgroups per dimension. The host side is `grid()` in src/graph/grid.ts.

/// Index of this workgroup in a folded grid.
fn workgroup_index(group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return group.x + group.y * groups.x;
}

/// The part [x, y) of n elements that this workgroup of 64 invocations works on; they walk it side by side:
/// `for (var i = range.x + local; i < range.y; i += 64u)`. The host side is `elementGrid()` in src/graph/grid.ts.
fn workgroup_range(group: vec3<u32>, groups: vec3<u32>, n: u32) -> vec2<u32> {
  let threads = groups.x * groups.y * 64u;
  let size = (n + threads - 1u) / threads * 64u;
  let start = min(workgroup_index(group, groups) * size, n);
  return vec2<u32>(start, min(start + size, n));
}
