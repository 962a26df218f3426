// One batch from a resident data set: y[b, j] = x[order[(batch_start + b) % length], j] * multiply[c] + add[c], where
// c is the channel of position j (`plane` positions each). x holds float32 values (variant floats) or four bytes
// per word (variant bytes). y is [batch, size].
// variants: floats bytes
import package::lib::grid::workgroup_index;
import package::lib::step::Step;

struct Params { batch: u32, size: u32, plane: u32, channels: u32, length: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@if(floats) @group(0) @binding(2) var<storage, read> x: array<f32>;
@if(bytes) @group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> multiply: array<f32>;
@group(0) @binding(5) var<storage, read> add: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

@if(floats)
fn value(i: u32) -> f32 {
  return x[i];
}

@if(bytes)
fn value(i: u32) -> f32 {
  return f32((x[i / 4u] >> (8u * (i % 4u))) & 255u);
}

@compute @workgroup_size(64)
fn batch_gather(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.batch * params.size) {
    return;
  }
  let j = i % params.size;
  let sample = order[(step.batch_start + i / params.size) % params.length];
  let c = j / params.plane % params.channels;
  y[i] = value(sample * params.size + j) * multiply[c] + add[c];
}
