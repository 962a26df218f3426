// dx[outer, indices[outer, j, inner], inner] = dy[outer, j, inner]: the gradient of values that were picked along a
// dimension. Within one line no index occurs twice; elements that were not picked keep what they hold.
// rounds: ceil(n / threads) + 1
import package::lib::grid::workgroup_range;

struct Params {
  n: u32,
  picks: u32,
  size: u32,
  inner: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> indices: array<i32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn pick_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let outer = i / (params.picks * params.inner);
    let at = (outer * params.size + u32(indices[i])) * params.inner + i % params.inner;
    if (params.accumulate != 0u) {
      dx[at] += dy[i];
    } else {
      dx[at] = dy[i];
    }
  }
}
