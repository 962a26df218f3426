// Puts keys and values of new tokens into a cache: keys[n, position, :] = qkv[n, t, width ..][0 .. width], values
// likewise from 2 width on, with position = positions[n, t]; a negative one (padding) writes nothing.
// qkv [batch, steps, 3 width], positions [batch, steps], keys and values [batch, capacity, width].
import package::lib::grid::workgroup_index;

struct Params { batch: u32, steps: u32, width: u32, capacity: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read> positions: array<i32>;
@group(0) @binding(3) var<storage, read_write> keys: array<f32>;
@group(0) @binding(4) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(64)
fn cache_append(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let line = i / params.width;
  if (line >= params.batch * params.steps) {
    return;
  }
  let position = positions[line];
  if (position < 0 || u32(position) >= params.capacity) {
    return;
  }
  let channel = i % params.width;
  let at = line * 3u * params.width + channel;
  let place = (line / params.steps * params.capacity + u32(position)) * params.width + channel;
  keys[place] = qkv[at + params.width];
  values[place] = qkv[at + 2u * params.width];
}
