// dweight[o, j] and dbias[o]: the sums over the slices of partial [slices, channels, columns], the second pass after
// conv.backward_weight. Of the columns, the first `weights` belong to the weight and one more, if any, to the bias.
// rounds: slices / 4 + 4
import package::lib::grid::workgroup_index;

struct Params {
  channels: u32,
  columns: u32,
  weights: u32,
  slices: u32,
  accumulate_weight: u32,
  accumulate_bias: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<f32>;
@group(0) @binding(2) var<storage, read_write> dweight: array<f32>;
@group(0) @binding(3) var<storage, read_write> dbias: array<f32>;

@compute @workgroup_size(64)
fn conv_reduce_weight(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let size = params.channels * params.columns;
  if (i >= size) {
    return;
  }
  // Four sums: shorter chains of additions, and smaller rounding errors.
  var sums = vec4<f32>();
  var slice = 0u;
  for (; slice + 4u <= params.slices; slice += 4u) {
    let at = slice * size + i;
    sums += vec4<f32>(partial[at], partial[at + size], partial[at + 2u * size], partial[at + 3u * size]);
  }
  for (; slice < params.slices; slice++) {
    sums.x += partial[slice * size + i];
  }
  let sum = (sums.x + sums.y) + (sums.z + sums.w);
  let channel = i / params.columns;
  let column = i % params.columns;
  if (column == params.weights) {
    dbias[channel] = sum + select(0.0, dbias[channel], params.accumulate_bias != 0u);
  } else {
    let at = channel * params.weights + column;
    dweight[at] = sum + select(0.0, dweight[at], params.accumulate_weight != 0u);
  }
}
