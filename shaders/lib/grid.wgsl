// One-dimensional work over a grid that may be folded into two dimensions, because WebGPU allows at most 65,535
// workgroups per dimension. The host side is `grid()` in src/ops/common.ts.

/// Index of this workgroup in a folded grid.
fn workgroup_index(group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return group.x + group.y * groups.x;
}
