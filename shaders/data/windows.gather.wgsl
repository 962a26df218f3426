// One batch of windows out of a resident text: x[b, j] = text[start + j] and y[b, j] = text[start + j + 1], where
// start = stride * order[(batch_start + b) % length]. x and y are [batch, block].
import package::lib::grid::workgroup_index;
import package::lib::step::Step;

struct Params { batch: u32, block: u32, stride: u32, length: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> text: array<i32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read_write> x: array<i32>;
@group(0) @binding(5) var<storage, read_write> y: array<i32>;

@compute @workgroup_size(64)
fn windows_gather(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.batch * params.block) {
    return;
  }
  let start = params.stride * order[(step.batch_start + i / params.block) % params.length];
  let at = start + i % params.block;
  x[i] = text[at];
  y[i] = text[at + 1u];
}
