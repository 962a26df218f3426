// y = x with `before` and then more positions added along one dimension, taken from x by the variant's rule, bit for bit.
// x is [outer, size, inner], y is [outer, padded, inner] with n elements.
// rounds: ceil(n / threads) + 1
// variants: reflect replicate circular
import package::lib::grid::workgroup_range;

struct Params { n: u32, size: u32, padded: u32, inner: u32, before: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@if(reflect) fn inside(position: i32, size: i32) -> i32 {
  return min(abs(position), 2 * (size - 1) - position);
}
@if(replicate) fn inside(position: i32, size: i32) -> i32 {
  return clamp(position, 0, size - 1);
}
@if(circular) fn inside(position: i32, size: i32) -> i32 {
  return (position + size) % size;
}

@compute @workgroup_size(64)
fn pad_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let line = i / params.inner;
    let outer = line / params.padded;
    let position = i32(line % params.padded) - i32(params.before);
    y[i] = x[(outer * params.size + u32(inside(position, i32(params.size)))) * params.inner + i % params.inner];
  }
}
