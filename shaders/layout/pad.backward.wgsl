// dx = the sum of dy over the places where pad.forward shows an element: its own, and those of the variant's rule. dx is
// [outer, size, inner] with n elements, dy is [outer, padded, inner]. Added to dx when `accumulate` is set.
// rounds(replicate): ceil(n / threads) * (padded - size + 6) + 1
// rounds: 8 * ceil(n / threads) + 1
// variants: reflect replicate circular
import package::lib::grid::workgroup_range;

struct Params { n: u32, size: u32, padded: u32, inner: u32, before: u32, accumulate: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

/// The sum of dy over the places [start, end) of a line, as far as there are such places.
fn line_sum(base: u32, start: i32, end: i32) -> f32 {
  var sum = 0.0;
  for (var place = max(start, 0); place < min(end, i32(params.padded)); place++) {
    sum += dy[base + u32(place) * params.inner];
  }
  return sum;
}

/// What the padding shows of position i, whose own place is before + i.
@if(reflect) fn images(base: u32, i: i32, size: i32, before: i32) -> f32 {
  let left = before - i;
  let right = before + 2 * (size - 1) - i;
  var sum = 0.0;
  if (i > 0) {
    sum = line_sum(base, left, left + 1);
  }
  if (i < size - 1) {
    sum += line_sum(base, right, right + 1);
  }
  return sum;
}
@if(replicate) fn images(base: u32, i: i32, size: i32, before: i32) -> f32 {
  var sum = 0.0;
  if (i == 0) {
    sum = line_sum(base, 0, before);
  }
  if (i == size - 1) {
    sum += line_sum(base, before + size, i32(params.padded));
  }
  return sum;
}
@if(circular) fn images(base: u32, i: i32, size: i32, before: i32) -> f32 {
  let own = before + i;
  return line_sum(base, own - size, own - size + 1) + line_sum(base, own + size, own + size + 1);
}

@compute @workgroup_size(64)
fn pad_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var at = range.x + local; at < range.y; at += 64u) {
    let line = at / params.inner;
    let i = line % params.size;
    let base = line / params.size * params.padded * params.inner + at % params.inner;
    let own = dy[base + (params.before + i) * params.inner];
    let value = own + images(base, i32(i), i32(params.size), i32(params.before));
    if (params.accumulate != 0u) {
      dx[at] += value;
    } else {
      dx[at] = value;
    }
  }
}
