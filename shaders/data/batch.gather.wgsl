// One batch of inputs and targets from a resident data set. Inputs, with c the channel of position j (`plane` positions
// each): y[b, j] = x[order[(batch_start + b) % length], j] * multiply[c] + add[c]. x holds float32 values (variant floats)
// or four bytes per word (variant bytes). y is [batch, size]. Targets, moved bit by bit (class indices or numbers):
// targets[b, j] = labels[order[(batch_start + b) % length], j], with labels [length, label_size].
// rounds: batch * (size + label_size) / threads + 2
// variants: floats bytes
import package::lib::grid::workgroup_range;
import package::lib::step::Step;

// Compile-time constants: whether inputs are multiplied and added to at all.
const AFFINE = 1u;

struct Params { batch: u32, size: u32, plane: u32, channels: u32, length: u32, label_size: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@if(floats) @group(0) @binding(2) var<storage, read> x: array<f32>;
@if(bytes) @group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> multiply: array<f32>;
@group(0) @binding(5) var<storage, read> add: array<f32>;
@group(0) @binding(6) var<storage, read> labels: array<u32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;
@group(0) @binding(8) var<storage, read_write> targets: array<u32>;

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
  let size = params.size;
  let plane = params.plane;
  let channels = params.channels;
  let length = params.length;
  let start = step.batch_start;
  let range = workgroup_range(group, groups, params.batch * size);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let b = i / size;
    let j = i - b * size;
    var input = value(order[(start + b) % length] * size + j);
    if (AFFINE == 1u) {
      let c = j / plane % channels;
      input = input * multiply[c] + add[c];
    }
    y[i] = input;
  }
  let label_size = params.label_size;
  let part = workgroup_range(group, groups, params.batch * label_size);
  for (var i = part.x + local; i < part.y; i += 64u) {
    let b = i / label_size;
    targets[i] = labels[order[(start + b) % length] * label_size + i - b * label_size];
  }
}
