// Split-K reduction: c = epilogue(sum over the splits of partial + beta * bias), the second pass of a matrix
// multiplication whose K was cut into ranges. partial [splits, batches, m, n], c [batches, m, n]; bias, aux, extra and
// accumulate as in lib/gemm_result.wgsl.
// rounds: ceil(size / threads) * (splits + 2) + 1
import package::lib::gemm_result::{put, with_bias};
import package::lib::grid::workgroup_range;
import package::lib::offset::offset4;

struct Params {
  batch_shape: vec4<u32>,
  bias_batch: vec4<u32>,
  /// Elements of C, of all matrices.
  size: u32,
  m: u32,
  n: u32,
  bias_row: u32,
  bias_column: u32,
  splits: u32,
  beta: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<f32>;

@compute @workgroup_size(64)
fn split_sum(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.size);
  for (var i = range.x + local; i < range.y; i += 64u) {
    var value = 0.0;
    for (var split = 0u; split < params.splits; split++) {
      value += partial[split * params.size + i];
    }
    let row = i / params.n;
    let batch = row / params.m;
    let bias_at = offset4(batch, params.batch_shape, params.bias_batch) + (row - batch * params.m) * params.bias_row +
      (i - row * params.n) * params.bias_column;
    put(i, 0u, with_bias(value, bias_at, params.beta));
  }
}
