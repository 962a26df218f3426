// One step of a merge sort of lines [lines, size]: pairs of sorted runs of `width` become runs of twice the width. One
// thread per element finds its place by binary search in the other run; equal keys keep their order.
// rounds: 32
import package::lib::grid::workgroup_index;

struct Params {
  n: u32,
  size: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> positions: array<u32>;
@group(0) @binding(3) var<storage, read_write> merged_keys: array<u32>;
@group(0) @binding(4) var<storage, read_write> merged_positions: array<u32>;

@compute @workgroup_size(64)
fn sort_merge(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  let base = i / params.size * params.size;
  let position = i - base;
  let run = position / params.width;
  let in_first = run % 2u == 0u;
  let start = select((run - 1u) * params.width, run * params.width, in_first);
  // The other run, maybe short or empty at the end of the line.
  var low = min(select(start, start + params.width, in_first), params.size);
  var high = min(low + params.width, params.size);
  let other = low;
  let key = keys[i];
  while (low < high) {
    let middle = (low + high) / 2u;
    let candidate = keys[base + middle];
    if (candidate < key || (!in_first && candidate == key)) {
      low = middle + 1u;
    } else {
      high = middle;
    }
  }
  let target_index = base + start + (position - run * params.width) + (low - other);
  merged_keys[target_index] = key;
  merged_positions[target_index] = positions[i];
}
