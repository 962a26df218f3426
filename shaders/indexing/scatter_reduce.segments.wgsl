// y[o, r, i] = product, maximum or minimum of src[o, p, i] over the positions p with key r, which are order[starts[r]] up
// to order[starts[r + 1] - 1], and of x[o, r, i] where `include` is set; x where there are no positions. x and y are
// [outer, rows, inner] with n elements, src is [outer, positions, inner]. winner: the position of the extreme value, the
// first of equal ones; -1 where it is that of x. NaN is larger, and smaller, than all else.
// rounds: ceil(n / threads) * (end - begin + 2) + 1
// variants: prod max min
// lowering reads: workgroupSize
import package::lib::grid::workgroup_range;
@if(max || min) import package::lib::float::is_nan;

struct Params {
  n: u32,
  inner: u32,
  rows: u32,
  outer: u32,
  positions: u32,
  include: u32,
  /// The places of `order` that this dispatch goes over; many positions take several dispatches.
  begin: u32,
  end: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> src: array<f32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> starts: array<u32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@if(max || min) @group(0) @binding(6) var<storage, read_write> winner: array<i32>;

@if(max) fn beats(a: f32, b: f32) -> bool {
  return !is_nan(b) && (is_nan(a) || a > b);
}
@if(min) fn beats(a: f32, b: f32) -> bool {
  return !is_nan(b) && (is_nan(a) || a < b);
}

@compute @workgroup_size(64)
fn scatter_reduce_segments(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var at = range.x + local; at < range.y; at += 64u) {
    let i = at % params.inner;
    let line = at / params.inner;
    let row = line % params.rows;
    let first = (line / params.rows) * params.positions;
    // What earlier dispatches left is in y.
    var any = starts[row] < params.begin;
    var value = x[at];
    @if(max || min) var place = -1;
    if (params.begin > 0u) {
      value = y[at];
      @if(max || min) {
        place = winner[at];
      }
    }
    any = any || params.include != 0u;
    let end = clamp(starts[row + 1u], params.begin, params.end);
    for (var e = clamp(starts[row], params.begin, params.end); e < end; e++) {
      let position = order[e];
      let next = src[(first + position) * params.inner + i];
      @if(prod) {
        value = select(next, value * next, any);
      }
      @if(max || min) {
        if (!any || beats(next, value)) {
          value = next;
          place = i32(position);
        }
      }
      any = true;
    }
    y[at] = value;
    @if(max || min) {
      winner[at] = place;
    }
  }
}
