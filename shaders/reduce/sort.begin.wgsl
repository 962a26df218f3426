// First step of sorting x [outer, size, inner] along its dimension: keys and positions [lines, size], where each block
// of 32 elements of a line is in order. A key is an integer that orders as the values do: -0 equals 0, and NaN is
// larger than everything; or as int32 (`integers`). One thread per element counts how many of its block come before it.
// rounds: 32
// variants: floats integers
import package::lib::grid::workgroup_index;

struct Params {
  n: u32,
  size: u32,
  inner: u32,
  descending: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> keys: array<u32>;
@group(0) @binding(3) var<storage, read_write> positions: array<u32>;

@if(integers)
fn key_of(bits: u32) -> u32 {
  let key = bits ^ 0x80000000u;
  return select(key, ~key, params.descending != 0u);
}
@if(floats)
fn key_of(bits: u32) -> u32 {
  let magnitude = bits & 0x7fffffffu;
  let negative = bits != magnitude && magnitude != 0u;
  var key = select(magnitude | 0x80000000u, ~bits, negative);
  if (magnitude > 0x7f800000u) {
    key = 0xffffffffu;
  }
  return select(key, ~key, params.descending != 0u);
}

@compute @workgroup_size(64)
fn sort_begin(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  let line = i / params.size;
  let position = i - line * params.size;
  let base = line / params.inner * params.size * params.inner + line % params.inner;
  let key = key_of(x[base + position * params.inner]);
  let start = position / 32u * 32u;
  let end = min(start + 32u, params.size);
  var rank = start;
  for (var j = start; j < end; j++) {
    let other = key_of(x[base + j * params.inner]);
    if (other < key || (other == key && j < position)) {
      rank++;
    }
  }
  keys[line * params.size + rank] = key;
  positions[line * params.size + rank] = position;
}
