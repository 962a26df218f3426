// dx = y * (dy - sum(dy * y)) along one dimension. y, dy and dx are [outer, size, inner]; one thread per line.
import package::lib::grid::workgroup_index;

struct Params { lines: u32, size: u32, inner: u32, accumulate: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn softmax_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let line = workgroup_index(group, groups) * 64u + local;
  if (line >= params.lines) {
    return;
  }
  let start = line / params.inner * params.size * params.inner + line % params.inner;
  let end = start + params.size * params.inner;
  var dot = 0.0;
  for (var i = start; i < end; i += params.inner) {
    dot += dy[i] * y[i];
  }
  for (var i = start; i < end; i += params.inner) {
    let value = y[i] * (dy[i] - dot);
    if (params.accumulate != 0u) {
      dx[i] += value;
    } else {
      dx[i] = value;
    }
  }
}
