// C = epilogue(alpha * op(A) op(B) + beta * bias) for each matrix of a batch, with op(A) [m, k], op(B) [k, n] and C
// [m, n] row-major. The bias is read through strides, so that it broadcasts. `extra` takes the values before the
// activation, or the sums of the rows of op(A): the gradient of a bias, when the product is the gradient of a weight.
// A and B are read in any layout, through their strides. `block`: each thread computes up to 8 rows and 4 columns of C in
// registers; neighbouring threads read neighbouring columns. `quad`: four neighbouring threads of a subgroup exchange
// what they read and compute 16 rows and 16 or 32 columns: an eighth of the loads, for CPU adapters, where a load
// costs more than a dozen multiplications. For GPUs there is gemm.tiled.wgsl.
// Rows and columns beyond the edges of C are computed from whatever lies there and never stored. With splits > 1 each
// split multiplies one range of K into its own C, and gemm.finish.wgsl adds them up.
// rounds(block): k_split + row_sums * k + 6 * BLOCK_ROWS + 3
// rounds: k_split / 4 + 16 * PARTS + 10
// variants: block quad
import package::lib::gemm::{Gemm, place_of, start_of, BLOCK_ROWS, PARTS};
import package::lib::gemm_result::{bias, extra, put, with_bias, BIAS};
import package::lib::grid::workgroup_index;

@if(quad) enable subgroups;
// Four neighbouring threads always take the same way: they share all that they branch on but their lane.
@if(quad) diagnostic(off, subgroup_uniformity);

// Specialized: threads per workgroup, and how many neighbouring threads of `block` share their rows.
const GROUP = 64u;
@if(block) const LANES = 4u;

@group(0) @binding(0) var<uniform> params: Gemm;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;

@if(block)
@compute @workgroup_size(GROUP)
fn gemm_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let p = params;
  let thread = workgroup_index(group, groups) * GROUP + local;
  let columns = (p.n + 4u * LANES - 1u) / (4u * LANES);
  let rows = (p.m + BLOCK_ROWS - 1u) / BLOCK_ROWS;
  let cell = thread / LANES;
  let row = cell / columns;
  let matrix = row / rows;
  let split = matrix / p.batches;
  if (split >= p.splits) {
    let m = thread - columns * rows * p.batches * p.splits * LANES;
    if (p.row_sums != 0u && m < p.m) {
      sum_row(m);
    }
    return;
  }
  let batch = matrix - split * p.batches;
  let m = (row - matrix * rows) * BLOCK_ROWS;
  let n = (cell - row * columns) * (4u * LANES) + thread % LANES;
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
    if (BLOCK_ROWS > 1u) {
      c1 += a[at_a + a1] * line;
      c2 += a[at_a + a2] * line;
      c3 += a[at_a + a3] * line;
    }
    if (BLOCK_ROWS > 4u) {
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
  for (var i = 0u; i < min(BLOCK_ROWS, p.m - m); i++) {
    for (var j = 0u; j < 4u; j++) {
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

/// Stores the sum of row m of op(A), or adds it to what is there.
fn put_row_sum(m: u32, sum: f32) {
  var total = params.alpha * sum;
  if (params.row_sums == 2u) {
    total += extra[m];
  }
  extra[m] = total;
}

/// The sum of a row of op(A) of an only matrix.
@if(block)
fn sum_row(m: u32) {
  var sum = 0.0;
  for (var k = 0u; k < params.k; k++) {
    sum += a[m * params.a_row + k * params.a_column];
  }
  put_row_sum(m, sum);
}

/// Elements of rows `rows` of op(A), wherever they are stored, at one value of k.
@if(quad)
fn column_of_a(rows: vec4<u32>, k: u32, on: bool) -> vec4<f32> {
  let at = rows + vec4<u32>(k);
  return select(vec4<f32>(), vec4<f32>(a[at.x], a[at.y], a[at.z], a[at.w]), on);
}

/// Elements of columns `columns` of op(B) at four values of k.
@if(quad)
fn columns_of_b(columns: vec4<u32>, k: vec4<u32>, on: vec4<bool>) -> mat4x4<f32> {
  return mat4x4<f32>(
    select(vec4<f32>(), vec4<f32>(b[columns.x + k.x], b[columns.x + k.y], b[columns.x + k.z], b[columns.x + k.w]), on),
    select(vec4<f32>(), vec4<f32>(b[columns.y + k.x], b[columns.y + k.y], b[columns.y + k.z], b[columns.y + k.w]), on),
    select(vec4<f32>(), vec4<f32>(b[columns.z + k.x], b[columns.z + k.y], b[columns.z + k.z], b[columns.z + k.w]), on),
    select(vec4<f32>(), vec4<f32>(b[columns.w + k.x], b[columns.w + k.y], b[columns.w + k.z], b[columns.w + k.w]), on),
  );
}

// Four neighbouring threads compute 16 rows and 16 or 32 columns of C. The one at `lane` reads rows lane + (0, 4, 8, 12) of
// op(A) and such columns of op(B), gets the other rows from its neighbours, and multiplies all of them by its columns.
@if(quad)
@compute @workgroup_size(GROUP)
fn gemm_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) invocation: u32,
) {
  let p = params;
  let place = place_of((workgroup_index(group, groups) * GROUP + local) / 4u, p);
  if (place.split >= p.splits) {
    return;
  }
  let lane = invocation % 4u;
  let a_base = start_of(place.batch, p.batch_shape, p.a_batch);
  let b_base = start_of(place.batch, p.batch_shape, p.b_batch);
  let lines = vec4<u32>(lane, lane + 4u, lane + 8u, lane + 12u);
  let rows = min(lines + vec4<u32>(place.m), vec4<u32>(p.m - 1u)) * p.a_row + vec4<u32>(a_base);
  let last_n = vec4<u32>(p.n - 1u);
  let columns = min(lines + vec4<u32>(place.n), last_n) * p.b_column + vec4<u32>(b_base);
  let more_columns = min(lines + vec4<u32>(place.n + 16u), last_n) * p.b_column + vec4<u32>(b_base);
  let k_end = vec4<u32>(place.k_end);
  let sums_rows = p.row_sums != 0u && place.n == 0u;
  var c0 = mat4x4<f32>();
  var c1 = mat4x4<f32>();
  var c2 = mat4x4<f32>();
  var c3 = mat4x4<f32>();
  var d0 = mat4x4<f32>();
  var d1 = mat4x4<f32>();
  var d2 = mat4x4<f32>();
  var d3 = mat4x4<f32>();
  var sums = vec4<f32>();
  for (var first = place.k; first < place.k_end; first += 4u) {
    let steps = vec4<u32>(first, first + 1u, first + 2u, first + 3u);
    let on = steps < k_end;
    let k = min(steps, k_end - 1u);
    let k_a = k * p.a_column;
    let k_b = k * p.b_row;
    let a0 = column_of_a(rows, k_a.x, on.x);
    let a1 = column_of_a(rows, k_a.y, on.y);
    let a2 = column_of_a(rows, k_a.z, on.z);
    let a3 = column_of_a(rows, k_a.w, on.w);
    let own = mat4x4<f32>(a0, a1, a2, a3);
    let x = mat4x4<f32>(quadSwapX(a0), quadSwapX(a1), quadSwapX(a2), quadSwapX(a3));
    let y = mat4x4<f32>(quadSwapY(a0), quadSwapY(a1), quadSwapY(a2), quadSwapY(a3));
    let xy = mat4x4<f32>(quadSwapDiagonal(a0), quadSwapDiagonal(a1), quadSwapDiagonal(a2), quadSwapDiagonal(a3));
    let part = columns_of_b(columns, k_b, on);
    c0 += own * part;
    c1 += x * part;
    c2 += y * part;
    c3 += xy * part;
    if (PARTS == 2u) {
      let more = columns_of_b(more_columns, k_b, on);
      d0 += own * more;
      d1 += x * more;
      d2 += y * more;
      d3 += xy * more;
    }
    if (sums_rows) {
      sums += a0 + a1 + a2 + a3;
    }
  }
  let bias_base = start_of(place.batch, p.batch_shape, p.bias_batch);
  let c_base = (place.split * p.batches + place.batch) * p.m * p.n;
  var parts = array<mat4x4<f32>, 8>(c0, c1, c2, c3, d0, d1, d2, d3);
  for (var i = 0u; i < 16u * PARTS; i++) {
    let m = vec4<u32>(place.m + (lane ^ ((i >> 2u) & 3u))) + vec4<u32>(0u, 4u, 8u, 12u);
    let n = place.n + lane + 4u * (i & 3u) + 16u * (i >> 4u);
    let at = m * p.n + vec4<u32>(c_base + n);
    let bias_at = m * p.bias_row + vec4<u32>(bias_base + n * p.bias_column);
    var part = p.alpha * parts[i >> 2u][i & 3u];
    if (BIAS == 1u) {
      part += vec4<f32>(p.beta * bias[bias_at.x]);
    } else {
      part.x = with_bias(part.x, bias_at.x, p.beta);
      part.y = with_bias(part.y, bias_at.y, p.beta);
      part.z = with_bias(part.z, bias_at.z, p.beta);
      part.w = with_bias(part.w, bias_at.w, p.beta);
    }
    if (n < p.n) {
      if (m.x < p.m) { put(at.x, p.epilogue, part.x); }
      if (m.y < p.m) { put(at.y, p.epilogue, part.y); }
      if (m.z < p.m) { put(at.z, p.epilogue, part.z); }
      if (m.w < p.m) { put(at.w, p.epilogue, part.w); }
    }
  }
  if (sums_rows) {
    for (var i = 0u; i < 4u; i++) {
      let m = place.m + lane + 4u * i;
      if (m < p.m) {
        put_row_sum(m, sums[i]);
      }
    }
  }
}

