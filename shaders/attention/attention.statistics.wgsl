// What the backward kernels of attention need of every row, as pairs: logsumexp, and delta = <dy, y>, which is the sum
// over keys of weight * dweight. y and dy [lines, width], logsumexp [lines], statistics [lines, 2]; one thread per row.
import package::lib::grid::workgroup_index;

struct Params { lines: u32, width: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> logsumexp: array<f32>;
@group(0) @binding(4) var<storage, read_write> statistics: array<f32>;

@compute @workgroup_size(64)
fn attention_statistics(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let line = workgroup_index(group, groups) * 64u + local;
  if (line >= params.lines) {
    return;
  }
  var delta = 0.0;
  for (var i = line * params.width; i < (line + 1u) * params.width; i++) {
    delta += y[i] * dy[i];
  }
  statistics[2u * line] = logsumexp[line];
  statistics[2u * line + 1u] = delta;
}
