// The targets of one batch, moved bit by bit (class indices or numbers):
// y[b, j] = x[order[(batch_start + b) % length], j], with x [length, size] and y [batch, size].
import package::lib::grid::workgroup_index;
import package::lib::step::Step;

struct Params { batch: u32, size: u32, length: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn target_gather(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.batch * params.size) {
    return;
  }
  let sample = order[(step.batch_start + i / params.size) % params.length];
  y[i] = x[sample * params.size + i % params.size];
}
