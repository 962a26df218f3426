// Adds up the chunks of parameters.partial: dbias = sum of dy, dweight = sum of dy * z, and both as `total`.
// rounds: chunks
import package::lib::grid::workgroup_index;

struct Params { parameters: u32, chunks: u32, accumulate_weight: u32, accumulate_bias: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> total: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> dweight: array<f32>;
@group(0) @binding(4) var<storage, read_write> dbias: array<f32>;

@compute @workgroup_size(64)
fn parameters_finish(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let p = workgroup_index(group, groups) * 64u + local;
  if (p >= params.parameters) {
    return;
  }
  var sum = vec2<f32>(0.0, 0.0);
  for (var chunk = 0u; chunk < params.chunks; chunk++) {
    sum += sums[chunk * params.parameters + p];
  }
  total[p] = sum;
  if (params.accumulate_bias != 0u) {
    dbias[p] += sum.x;
  } else {
    dbias[p] = sum.x;
  }
  if (params.accumulate_weight != 0u) {
    dweight[p] += sum.y;
  } else {
    dweight[p] = sum.y;
  }
}
