// Register-tiled matrix multiplication (lib/gemm.wgsl): each thread computes up to 8 rows and 4 columns of C in
// registers; neighbouring threads read neighbouring columns. A and B are read in any layout, through their strides.
// Behind the threads of C, one thread for each row of op(A) computes its sum where those are wanted.
// rounds: k_split + row_sums * k + 6 * ROWS + 3
// lowering reads: COLUMNS
import package::lib::gemm::{Gemm, start_of};
import package::lib::gemm_result::{bias, put, put_row_sum, with_bias, BIAS};
import package::lib::grid::workgroup_index;

// Compile-time constants: threads per workgroup, how many neighbouring threads share their rows, and the rows (1, 4 or 8)
// of a thread.
const GROUP = 64u;
const LANES = 4u;
const ROWS = 8u;
/// Columns of a thread.
const COLUMNS = 4u;

@group(0) @binding(0) var<uniform> params: Gemm;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;

/// The sum of a row of op(A) of an only matrix.
fn sum_of_row(m: u32) -> f32 {
  var sum = 0.0;
  for (var k = 0u; k < params.k; k++) {
    sum += a[m * params.a_row + k * params.a_column];
  }
  return sum;
}

@compute @workgroup_size(GROUP)
fn register_tile(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let p = params;
  let thread = workgroup_index(group, groups) * GROUP + local;
  let columns = (p.n + COLUMNS * LANES - 1u) / (COLUMNS * LANES);
  let rows = (p.m + ROWS - 1u) / ROWS;
  let cell = thread / LANES;
  let row = cell / columns;
  let matrix = row / rows;
  let split = matrix / p.batches;
  if (split >= p.splits) {
    let m = thread - columns * rows * p.batches * p.splits * LANES;
    if (p.row_sums != 0u && m < p.m) {
      put_row_sum(m, p.alpha * sum_of_row(m));
    }
    return;
  }
  let batch = matrix - split * p.batches;
  let m = (row - matrix * rows) * ROWS;
  let n = (cell - row * columns) * (COLUMNS * LANES) + thread % LANES;
  let k_begin = split * p.k_split;
  let k_end = min(p.k, k_begin + p.k_split);
  let last = p.m - 1u;
  var at_a = start_of(batch, p.batch_shape, p.a_batch) + k_begin * p.a_column;
  var at_b = start_of(batch, p.batch_shape, p.b_batch) + k_begin * p.b_row;
  let a0 = m * p.a_row;
  let a1 = min(m + 1u, last) * p.a_row;
  let a2 = min(m + 2u, last) * p.a_row;
  let a3 = min(m + 3u, last) * p.a_row;
  let a4 = min(m + 4u, last) * p.a_row;
  let a5 = min(m + 5u, last) * p.a_row;
  let a6 = min(m + 6u, last) * p.a_row;
  let a7 = min(m + 7u, last) * p.a_row;
  let b0 = min(n, p.n - 1u) * p.b_column;
  let b1 = min(n + LANES, p.n - 1u) * p.b_column;
  let b2 = min(n + 2u * LANES, p.n - 1u) * p.b_column;
  let b3 = min(n + 3u * LANES, p.n - 1u) * p.b_column;
  let step_a = p.a_column;
  let step_b = p.b_row;
  var c0 = vec4<f32>();
  var c1 = vec4<f32>();
  var c2 = vec4<f32>();
  var c3 = vec4<f32>();
  var c4 = vec4<f32>();
  var c5 = vec4<f32>();
  var c6 = vec4<f32>();
  var c7 = vec4<f32>();
  for (var k = k_begin; k < k_end; k++) {
    let line = vec4<f32>(b[at_b + b0], b[at_b + b1], b[at_b + b2], b[at_b + b3]);
    c0 += a[at_a + a0] * line;
    if (ROWS > 1u) {
      c1 += a[at_a + a1] * line;
      c2 += a[at_a + a2] * line;
      c3 += a[at_a + a3] * line;
    }
    if (ROWS > 4u) {
      c4 += a[at_a + a4] * line;
      c5 += a[at_a + a5] * line;
      c6 += a[at_a + a6] * line;
      c7 += a[at_a + a7] * line;
    }
    at_a += step_a;
    at_b += step_b;
  }
  var lines = array<vec4<f32>, 8>(c0, c1, c2, c3, c4, c5, c6, c7);
  let bias_base = start_of(batch, p.batch_shape, p.bias_batch);
  let c_base = matrix * p.m * p.n;
  let last_n = vec4<u32>(p.n - 1u);
  let bias_at = min(vec4<u32>(n, n + LANES, n + 2u * LANES, n + 3u * LANES), last_n) * p.bias_column + vec4<u32>(bias_base);
  var added = vec4<f32>();
  if (BIAS == 1u) {
    added = p.beta * vec4<f32>(bias[bias_at.x], bias[bias_at.y], bias[bias_at.z], bias[bias_at.w]);
  }
  for (var i = 0u; i < min(ROWS, p.m - m); i++) {
    for (var j = 0u; j < COLUMNS; j++) {
      let column = n + j * LANES;
      if (column < p.n) {
        var value = p.alpha * lines[i][j];
        if (BIAS == 1u) {
          value += added[j];
        } else {
          value = with_bias(value, bias_at[j] + (m + i) * p.bias_row, p.beta);
        }
        put(c_base + (m + i) * p.n + column, p.epilogue, value);
      }
    }
  }
}
