// y[o, r, i] = alpha * sum of src[o, p, i] over the positions p where index is r, looked for along the line of index.
// y is [outer, rows, inner], src is [outer, positions, inner], and so is index. Row `skip` gets 0. Added to y when
// ACCUMULATE is set. `element`: each element of y looks through its line. `block`: index is [positions], the same for all
// lines; each thread looks for four rows and four columns, so that what it reads serves all of them.
// rounds(element): ceil(n / threads) * (positions + 2) + 1
// rounds: positions / 4 + 8
// variants: element block
// lowering reads: workgroupSize
@if(element) import package::lib::grid::workgroup_range;
@if(block) import package::lib::grid::workgroup_index;

/// Compile-time constant.
const ACCUMULATE = 0u;

/// In `element` n counts the elements of y, and index may be [positions] too; in `block` it counts the blocks of y.
struct Params {
  n: u32,
  inner: u32,
  rows: u32,
  positions: u32,
  @if(element) shared_index: u32,
  skip: u32,
  alpha: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> index: array<u32>;
@if(element) @group(0) @binding(2) var<storage, read> src: array<f32>;
@if(element) @group(0) @binding(3) var<storage, read_write> y: array<f32>;
@if(block) @group(0) @binding(2) var<storage, read> src: array<vec4<f32>>;
@if(block) @group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

@if(element)
@compute @workgroup_size(64)
fn scatter_add_line(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  // Uniforms read once: in the loop over the positions they would cost as much as the rest of it.
  let shared_index = params.shared_index != 0u;
  let positions = params.positions;
  let inner = params.inner;
  let range = workgroup_range(group, groups, params.n);
  for (var at = range.x + local; at < range.y; at += 64u) {
    let row = at / inner % params.rows;
    let line = at / inner / params.rows;
    let first = line * positions * inner + at % inner;
    var sum = 0.0;
    for (var p = 0u; p < positions; p++) {
      let place = first + p * inner;
      sum += select(0.0, src[place], index[select(place, p, shared_index)] == row);
    }
    sum = select(params.alpha * sum, 0.0, row == params.skip);
    if (ACCUMULATE == 1u) {
      sum += y[at];
    }
    y[at] = sum;
  }
}

@if(block)
@compute @workgroup_size(64)
fn scatter_add_line(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let at = workgroup_index(group, groups) * 64u + local;
  if (at >= params.n) {
    return;
  }
  let positions = params.positions;
  let last = vec4<u32>(max(positions, 1u) - 1u);
  let rows = params.rows;
  let inner = params.inner / 4u;
  let blocks = (rows + 3u) / 4u;
  let column = at % inner;
  let line = at / inner / blocks;
  let row = vec4<u32>(4u * (at / inner - line * blocks)) + vec4<u32>(0u, 1u, 2u, 3u);
  let first = line * positions * inner + column;
  var sum = mat4x4<f32>();
  for (var start = 0u; start < positions; start += 4u) {
    let p = vec4<u32>(start) + vec4<u32>(0u, 1u, 2u, 3u);
    let nearest = min(p, last);
    // Beyond the last position no row has the index.
    let keys = select(vec4<u32>(0xffffffffu), vec4<u32>(index[nearest.x], index[nearest.y], index[nearest.z], index[nearest.w]), p <= last);
    let place = nearest * inner + first;
    let a = src[place.x];
    let b = src[place.y];
    let c = src[place.z];
    let d = src[place.w];
    sum += mat4x4<f32>(
      part(a, b, c, d, keys == vec4<u32>(row.x)),
      part(a, b, c, d, keys == vec4<u32>(row.y)),
      part(a, b, c, d, keys == vec4<u32>(row.z)),
      part(a, b, c, d, keys == vec4<u32>(row.w)),
    );
  }
  for (var r = 0u; r < min(4u, rows - row.x); r++) {
    let i = (line * rows + row[r]) * inner + column;
    var value = select(params.alpha * sum[r], vec4<f32>(), row[r] == params.skip);
    if (ACCUMULATE == 1u) {
      value += y[i];
    }
    y[i] = value;
  }
}

/// The sum of those that count.
@if(block) fn part(a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, d: vec4<f32>, counts: vec4<bool>) -> vec4<f32> {
  let zero = vec4<f32>();
  return (select(zero, a, counts.x) + select(zero, b, counts.y)) + (select(zero, c, counts.z) + select(zero, d, counts.w));
}
