// C = epilogue(alpha * op(A) op(B) + beta * bias) for each matrix of a batch, with op(A) [m, k], op(B) [k, n] and C
// [m, n] row-major; with `accumulate` this is added to what C holds. The bias is read through strides, so that it
// broadcasts. `extra` takes the values before the activation, or the sums of the rows of op(A): the gradient of a bias,
// when the product is the gradient of a weight.
// `block`: each thread computes 8 rows and 4 columns of C in registers and reads A and B, in any layout, through their
// strides; neighbouring threads read neighbouring columns. `quad`: four neighbouring threads of a subgroup exchange what
// they read and compute 16 rows and columns: an eighth of the loads, for software adapters, where a load costs more than
// a dozen multiplications. `tiled`: 64 threads share 64x64 tiles of C and read A and B through workgroup memory, for
// GPUs.
// Rows and columns beyond the edges of C are computed from whatever lies there and never stored. With splits > 1 each
// split multiplies one range of K into its own C, and gemm.finish.wgsl adds them up.
// variants: block quad tiled
import package::lib::epilogue::{apply_epilogue, keeps_input};
import package::lib::gemm::{Gemm, Place, place_of, BLOCK_ROWS};
import package::lib::grid::workgroup_index;
import package::lib::offset::offset4;

@if(quad) enable subgroups;
// Four neighbouring threads always take the same way: they share all that they branch on but their lane.
@if(quad) diagnostic(off, subgroup_uniformity);

// Specialized: what is made of each value; the mode and the activation of lib/epilogue.wgsl, and whether there is a bias
// and what C holds is added. Constants, because software adapters take both ways of every branch.
const EPILOGUE = 0u;
const ACTIVATION = 0u;
const BIAS = 0u;
const ACCUMULATE = 0u;
// Specialized: threads per workgroup (64 for `tiled`), and how many neighbouring threads of `block` share 8 rows.
const GROUP = 64u;
@if(block) const LANES = 4u;
// Specialized: whether an operand is stored transposed, and whether its rows are multiples of 4 long.
@if(tiled) const TRANSPOSE_A = 0u;
@if(tiled) const TRANSPOSE_B = 0u;
@if(tiled) const ALIGNED_A = 1u;
@if(tiled) const ALIGNED_B = 1u;

@group(0) @binding(0) var<uniform> params: Gemm;
@if(!tiled) @group(0) @binding(1) var<storage, read> a: array<f32>;
@if(!tiled) @group(0) @binding(2) var<storage, read> b: array<f32>;
@if(tiled) @group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@if(tiled) @group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> aux: array<f32>;
@group(0) @binding(5) var<storage, read_write> c: array<f32>;
@group(0) @binding(6) var<storage, read_write> extra: array<f32>;

/// Makes one element of C of alpha op(A) op(B) and stores it.
fn put(at: u32, bias_at: u32, product: f32) {
  var value = product;
  if (BIAS == 1u) {
    value += params.beta * bias[bias_at];
  }
  if (EPILOGUE != 0u) {
    if (keeps_input(EPILOGUE)) {
      extra[at] = value;
    }
    value = apply_epilogue(EPILOGUE, ACTIVATION, value, aux[at]);
  }
  if (ACCUMULATE == 1u) {
    value += c[at];
  }
  c[at] = value;
}

@if(block)
@compute @workgroup_size(GROUP)
fn gemm_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = workgroup_index(group, groups) * GROUP + local;
  let columns = (params.n + 4u * LANES - 1u) / (4u * LANES);
  let rows = (params.m + BLOCK_ROWS - 1u) / BLOCK_ROWS;
  let cell = thread / LANES;
  let row = cell / columns;
  let matrix = row / rows;
  let split = matrix / params.batches;
  if (split >= params.splits) {
    let m = thread - columns * rows * params.batches * params.splits * LANES;
    if (params.row_sums != 0u && m < params.m) {
      sum_row(m);
    }
    return;
  }
  let batch = matrix - split * params.batches;
  let m = (row - matrix * rows) * BLOCK_ROWS;
  let n = (cell - row * columns) * (4u * LANES) + thread % LANES;
  let k_begin = split * params.k_split;
  let k_end = min(params.k, k_begin + params.k_split);
  let last = params.m - 1u;
  var at_a = offset4(batch, params.batch_shape, params.a_batch) + k_begin * params.a_column;
  var at_b = offset4(batch, params.batch_shape, params.b_batch) + k_begin * params.b_row;
  let a0 = m * params.a_row;
  let a1 = min(m + 1u, last) * params.a_row;
  let a2 = min(m + 2u, last) * params.a_row;
  let a3 = min(m + 3u, last) * params.a_row;
  let a4 = min(m + 4u, last) * params.a_row;
  let a5 = min(m + 5u, last) * params.a_row;
  let a6 = min(m + 6u, last) * params.a_row;
  let a7 = min(m + 7u, last) * params.a_row;
  let b0 = min(n, params.n - 1u) * params.b_column;
  let b1 = min(n + LANES, params.n - 1u) * params.b_column;
  let b2 = min(n + 2u * LANES, params.n - 1u) * params.b_column;
  let b3 = min(n + 3u * LANES, params.n - 1u) * params.b_column;
  let step_a = params.a_column;
  let step_b = params.b_row;
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
    c1 += a[at_a + a1] * line;
    c2 += a[at_a + a2] * line;
    c3 += a[at_a + a3] * line;
    c4 += a[at_a + a4] * line;
    c5 += a[at_a + a5] * line;
    c6 += a[at_a + a6] * line;
    c7 += a[at_a + a7] * line;
    at_a += step_a;
    at_b += step_b;
  }
  var lines = array<vec4<f32>, 8>(c0, c1, c2, c3, c4, c5, c6, c7);
  let bias_base = offset4(batch, params.batch_shape, params.bias_batch);
  let c_base = matrix * params.m * params.n;
  for (var i = 0u; i < min(BLOCK_ROWS, params.m - m); i++) {
    for (var j = 0u; j < 4u; j++) {
      let column = n + j * LANES;
      if (column < params.n) {
        let bias_at = bias_base + (m + i) * params.bias_row + column * params.bias_column;
        put(c_base + (m + i) * params.n + column, bias_at, params.alpha * lines[i][j]);
      }
    }
  }
}

/// The sum of a row of op(A) of an only matrix.
@if(block)
fn sum_row(m: u32) {
  var sum = 0.0;
  for (var k = 0u; k < params.k; k++) {
    sum += a[m * params.a_row + k * params.a_column];
  }
  extra[m] = params.alpha * sum;
}

@if(tiled)
fn a_scalar(i: u32) -> f32 {
  return a[i / 4u][i % 4u];
}

@if(tiled)
fn b_scalar(i: u32) -> f32 {
  return b[i / 4u][i % 4u];
}

/// Elements i to i + 3 of A.
@if(tiled)
fn a_at(i: u32) -> vec4<f32> {
  if (ALIGNED_A == 1u) {
    return a[i / 4u];
  }
  return vec4<f32>(a_scalar(i), a_scalar(i + 1u), a_scalar(i + 2u), a_scalar(i + 3u));
}

@if(tiled)
fn b_at(i: u32) -> vec4<f32> {
  if (ALIGNED_B == 1u) {
    return b[i / 4u];
  }
  return vec4<f32>(b_scalar(i), b_scalar(i + 1u), b_scalar(i + 2u), b_scalar(i + 3u));
}

@if(tiled)
fn mask_of(k: u32, k_end: u32) -> vec4<bool> {
  let at = vec4<u32>(k, k + 1u, k + 2u, k + 3u);
  let end = vec4<u32>(k_end, k_end, k_end, k_end);
  return at < end;
}

/// Stores a 4x4 block of C with rows `row_step` and columns `column_step` apart.
@if(tiled)
fn store(place: Place, first_row: u32, first_column: u32, row_step: u32, column_step: u32, part: mat4x4<f32>) {
  let bias_base = offset4(place.batch, params.batch_shape, params.bias_batch);
  let c_base = (place.split * params.batches + place.batch) * params.m * params.n;
  var lines = part;
  for (var i = 0u; i < 4u; i++) {
    let m = first_row + i * row_step;
    for (var j = 0u; j < 4u; j++) {
      let n = first_column + j * column_step;
      if (m < params.m && n < params.n) {
        let bias_at = bias_base + m * params.bias_row + n * params.bias_column;
        put(c_base + m * params.n + n, bias_at, params.alpha * lines[i][j]);
      }
    }
  }
}

/// Elements of rows `rows` of op(A), wherever they are stored, at one value of k.
@if(quad)
fn column_of_a(rows: vec4<u32>, k: u32, on: bool) -> vec4<f32> {
  let at = rows + vec4<u32>(k);
  return select(vec4<f32>(), vec4<f32>(a[at.x], a[at.y], a[at.z], a[at.w]), on);
}

/// Elements of one column of op(B) at four values of k.
@if(quad)
fn column_of_b(column: u32, k: vec4<u32>, on: vec4<bool>) -> vec4<f32> {
  let at = k + vec4<u32>(column);
  return select(vec4<f32>(), vec4<f32>(b[at.x], b[at.y], b[at.z], b[at.w]), on);
}

// Four neighbouring threads compute 16 rows and columns of C. The one at `lane` reads rows lane + (0, 4, 8, 12) of
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
  let a_base = offset4(place.batch, p.batch_shape, p.a_batch);
  let b_base = offset4(place.batch, p.batch_shape, p.b_batch);
  let lines = vec4<u32>(lane, lane + 4u, lane + 8u, lane + 12u);
  let rows = min(lines + vec4<u32>(place.m), vec4<u32>(p.m - 1u)) * p.a_row + vec4<u32>(a_base);
  let columns = min(lines + vec4<u32>(place.n), vec4<u32>(p.n - 1u)) * p.b_column + vec4<u32>(b_base);
  let k_end = vec4<u32>(place.k_end);
  let sums_rows = p.row_sums != 0u && place.n == 0u;
  var c0 = mat4x4<f32>();
  var c1 = mat4x4<f32>();
  var c2 = mat4x4<f32>();
  var c3 = mat4x4<f32>();
  var sums = vec4<f32>();
  var first = place.k;
  loop {
    let steps = vec4<u32>(first, first + 1u, first + 2u, first + 3u);
    let on = steps < k_end;
    let k = min(steps, k_end - 1u);
    let k_a = k * p.a_column;
    let k_b = k * p.b_row;
    let part_b = mat4x4<f32>(
      column_of_b(columns.x, k_b, on),
      column_of_b(columns.y, k_b, on),
      column_of_b(columns.z, k_b, on),
      column_of_b(columns.w, k_b, on),
    );
    let a0 = column_of_a(rows, k_a.x, on.x);
    let a1 = column_of_a(rows, k_a.y, on.y);
    let a2 = column_of_a(rows, k_a.z, on.z);
    let a3 = column_of_a(rows, k_a.w, on.w);
    c0 += mat4x4<f32>(a0, a1, a2, a3) * part_b;
    c1 += mat4x4<f32>(quadSwapX(a0), quadSwapX(a1), quadSwapX(a2), quadSwapX(a3)) * part_b;
    c2 += mat4x4<f32>(quadSwapY(a0), quadSwapY(a1), quadSwapY(a2), quadSwapY(a3)) * part_b;
    c3 += mat4x4<f32>(quadSwapDiagonal(a0), quadSwapDiagonal(a1), quadSwapDiagonal(a2), quadSwapDiagonal(a3)) * part_b;
    if (sums_rows) {
      sums += a0 + a1 + a2 + a3;
    }
    continuing {
      first += 4u;
      break if first >= place.k_end;
    }
  }
  let bias_base = offset4(place.batch, p.batch_shape, p.bias_batch);
  let c_base = (place.split * p.batches + place.batch) * p.m * p.n;
  var parts = array<mat4x4<f32>, 4>(c0, c1, c2, c3);
  var i = 0u;
  loop {
    let m = vec4<u32>(place.m + (lane ^ (i >> 2u))) + vec4<u32>(0u, 4u, 8u, 12u);
    let n = place.n + lane + 4u * (i & 3u);
    let at = m * p.n + vec4<u32>(c_base + n);
    let bias_at = m * p.bias_row + vec4<u32>(bias_base + n * p.bias_column);
    let part = p.alpha * parts[i >> 2u][i & 3u];
    if (n < p.n) {
      if (m.x < p.m) { put(at.x, bias_at.x, part.x); }
      if (m.y < p.m) { put(at.y, bias_at.y, part.y); }
      if (m.z < p.m) { put(at.z, bias_at.z, part.z); }
      if (m.w < p.m) { put(at.w, bias_at.w, part.w); }
    }
    continuing {
      i++;
      break if i == 16u;
    }
  }
  if (sums_rows) {
    for (var i = 0u; i < 4u; i++) {
      let m = place.m + lane + 4u * i;
      if (m < p.m) {
        extra[m] = p.alpha * sums[i];
      }
    }
  }
}

// The tiles hold 64 rows of op(A) and columns of op(B) at 16 values of k, as they are stored: either 64 lines of
// four vec4 along k, with a gap after each so that threads hit different banks, or 16 lines of 16 vec4.
@if(tiled) const LINE = 5u;
@if(tiled) var<workgroup> tile_a: array<vec4<f32>, 320>;
@if(tiled) var<workgroup> tile_b: array<vec4<f32>, 320>;

@if(tiled)
fn fill_a(base: u32, m: u32, k: u32, k_end: u32, item: u32) {
  if (TRANSPOSE_A == 1u) {
    let row = k + item / 16u;
    tile_a[item] = select(vec4<f32>(), a_at(base + row * params.m + m + item % 16u * 4u), row < k_end);
  } else {
    let column = k + item % 4u * 4u;
    let value = a_at(base + (m + item / 4u) * params.k + column);
    tile_a[item / 4u * LINE + item % 4u] = select(vec4<f32>(), value, mask_of(column, k_end));
  }
}

@if(tiled)
fn fill_b(base: u32, n: u32, k: u32, k_end: u32, item: u32) {
  if (TRANSPOSE_B == 1u) {
    let column = k + item % 4u * 4u;
    let value = b_at(base + (n + item / 4u) * params.k + column);
    tile_b[item / 4u * LINE + item % 4u] = select(vec4<f32>(), value, mask_of(column, k_end));
  } else {
    let row = k + item / 16u;
    tile_b[item] = select(vec4<f32>(), b_at(base + row * params.n + n + item % 16u * 4u), row < k_end);
  }
}

/// Four rows of op(A) as columns: rows 4 * at + (0..3) if stored transposed, else at + (0, 8, 16, 24).
@if(tiled)
fn tile_rows(at: u32, k: u32) -> mat4x4<f32> {
  if (TRANSPOSE_A == 1u) {
    let i = k * 64u + at;
    return transpose(mat4x4<f32>(tile_a[i], tile_a[i + 16u], tile_a[i + 32u], tile_a[i + 48u]));
  }
  let i = at * LINE + k;
  return mat4x4<f32>(tile_a[i], tile_a[i + 8u * LINE], tile_a[i + 16u * LINE], tile_a[i + 24u * LINE]);
}

/// Four rows of op(B) as columns, at columns at + (0, 8, 16, 24) if stored transposed, else 4 * at + (0..3).
@if(tiled)
fn tile_columns(at: u32, k: u32) -> mat4x4<f32> {
  if (TRANSPOSE_B == 1u) {
    let i = at * LINE + k;
    return transpose(
      mat4x4<f32>(tile_b[i], tile_b[i + 8u * LINE], tile_b[i + 16u * LINE], tile_b[i + 24u * LINE]),
    );
  }
  let i = k * 64u + at;
  return mat4x4<f32>(tile_b[i], tile_b[i + 16u], tile_b[i + 32u], tile_b[i + 48u]);
}

@if(tiled)
@compute @workgroup_size(GROUP)
fn gemm_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups), params);
  if (place.split >= params.splits) {
    return;
  }
  let a_base = offset4(place.batch, params.batch_shape, params.a_batch);
  let b_base = offset4(place.batch, params.batch_shape, params.b_batch);
  let row = local / 8u;
  let column = local % 8u;
  // The second block of rows and columns of a thread lies 32 further: 8 vec4 or 32 lines.
  let row_gap = select(32u, 8u, TRANSPOSE_A == 1u);
  let column_gap = select(8u, 32u, TRANSPOSE_B == 1u);
  var c00 = mat4x4<f32>();
  var c01 = mat4x4<f32>();
  var c10 = mat4x4<f32>();
  var c11 = mat4x4<f32>();
  for (var k = place.k; k < place.k_end; k += 16u) {
    for (var i = 0u; i < 4u; i++) {
      fill_a(a_base, place.m, k, place.k_end, local + 64u * i);
      fill_b(b_base, place.n, k, place.k_end, local + 64u * i);
    }
    workgroupBarrier();
    for (var i = 0u; i < 4u; i++) {
      let a0 = tile_rows(row, i);
      let a1 = tile_rows(row + row_gap, i);
      let b0 = tile_columns(column, i);
      let b1 = tile_columns(column + column_gap, i);
      c00 += b0 * a0;
      c01 += b1 * a0;
      c10 += b0 * a1;
      c11 += b1 * a1;
    }
    workgroupBarrier();
  }
  let m = place.m + row * select(1u, 4u, TRANSPOSE_A == 1u);
  let row_step = select(8u, 1u, TRANSPOSE_A == 1u);
  let n = place.n + column * select(4u, 1u, TRANSPOSE_B == 1u);
  let step = select(1u, 8u, TRANSPOSE_B == 1u);
  var rows = array<mat4x4<f32>, 4>(c00, c01, c10, c11);
  for (var i = 0u; i < 4u; i++) {
    store(place, m + i / 2u * 32u, n + i % 2u * 32u, row_step, step, rows[i]);
  }
}
