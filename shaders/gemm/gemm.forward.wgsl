// C[M, N] = alpha * op(A)[M, K] * op(B)[K, N] + beta * bias for each matrix of a batch; op transposes or not, bias
// broadcasts to C, and C may be added to. Works on 4x4 blocks held in `mat4x4`, all of whose columns are registers:
// a block of op(A) has four rows of A as columns, a block of op(B) four rows of B, so that their rows of C are the
// columns of b * a, and the transposed cases cost a `transpose`, which moves nothing. Rows and columns beyond the
// edges of C are computed from whatever lies there and never stored; only the tail of K must be masked.
// The register variants give each thread block_rows x block_columns of C and read A and B through the cache: for
// software adapters and small matrices. `tiled` shares 64x64 tiles of C among 64 threads through workgroup memory.
// With splits > 1 each split multiplies one range of K into its own C, and a second pass adds them up.
// variants: block4x4 block8x8 block8x16 tiled
import package::lib::grid::workgroup_index;
import package::lib::offset::offset4;

// Specialized: whether an operand is stored transposed, whether its rows are multiples of 4 long, whether K is none
// (TAIL), whether there is a bias, and the threads per workgroup (64 for `tiled`).
const TRANSPOSE_A = 0u;
const TRANSPOSE_B = 0u;
const ALIGNED_A = 1u;
const ALIGNED_B = 1u;
const TAIL = 1u;
const BIAS = 1u;
const GROUP = 64u;

@if(block4x4) const BLOCK_ROWS = 4u;
@if(block8x8 || block8x16) const BLOCK_ROWS = 8u;
@if(tiled) const BLOCK_ROWS = 64u;
@if(block4x4) const BLOCK_COLUMNS = 4u;
@if(block8x8) const BLOCK_COLUMNS = 8u;
@if(block8x16) const BLOCK_COLUMNS = 16u;
@if(tiled) const BLOCK_COLUMNS = 64u;

struct Params {
  /// The batch as up to four dimensions, and what each operand advances along them, in elements.
  batch_shape: vec4<u32>,
  a_batch: vec4<u32>,
  b_batch: vec4<u32>,
  bias_batch: vec4<u32>,
  batches: u32,
  m: u32,
  n: u32,
  k: u32,
  /// Ranges of K, each of k_split elements (a multiple of 4).
  splits: u32,
  k_split: u32,
  bias_row: u32,
  bias_column: u32,
  alpha: f32,
  beta: f32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;

fn a_scalar(i: u32) -> f32 {
  return a[i / 4u][i % 4u];
}

fn b_scalar(i: u32) -> f32 {
  return b[i / 4u][i % 4u];
}

/// Elements i to i + 3 of A.
fn a_at(i: u32) -> vec4<f32> {
  if (ALIGNED_A == 1u) {
    return a[i / 4u];
  }
  return vec4<f32>(a_scalar(i), a_scalar(i + 1u), a_scalar(i + 2u), a_scalar(i + 3u));
}

fn b_at(i: u32) -> vec4<f32> {
  if (ALIGNED_B == 1u) {
    return b[i / 4u];
  }
  return vec4<f32>(b_scalar(i), b_scalar(i + 1u), b_scalar(i + 2u), b_scalar(i + 3u));
}

fn mask_of(k: u32, k_end: u32) -> vec4<bool> {
  let at = vec4<u32>(k, k + 1u, k + 2u, k + 3u);
  let end = vec4<u32>(k_end, k_end, k_end, k_end);
  return at < end;
}

struct Place {
  batch: u32,
  split: u32,
  m: u32,
  n: u32,
  k: u32,
  k_end: u32,
}

/// The block of C and the range of K of a thread or workgroup.
fn place_of(index: u32) -> Place {
  let columns = (params.n + BLOCK_COLUMNS - 1u) / BLOCK_COLUMNS;
  let rows = (params.m + BLOCK_ROWS - 1u) / BLOCK_ROWS;
  let row = index / columns;
  let matrix = row / rows;
  let split = matrix / params.batches;
  return Place(
    matrix - split * params.batches,
    split,
    (row - matrix * rows) * BLOCK_ROWS,
    (index - row * columns) * BLOCK_COLUMNS,
    split * params.k_split,
    min(params.k, (split + 1u) * params.k_split),
  );
}

/// Stores one element of C: the place for whatever follows the product.
fn put(at: u32, bias_at: u32, beta: f32, product: f32) {
  var value = params.alpha * product;
  if (BIAS == 1u) {
    value += beta * bias[bias_at];
  }
  if (params.accumulate != 0u) {
    value += c[at];
  }
  c[at] = value;
}

/// Stores a block whose columns are rows of C, `row_step` rows and `step` columns apart.
fn store(place: Place, first_row: u32, n: u32, row_step: u32, step: u32, block_rows: mat4x4<f32>) {
  let beta = select(0.0, params.beta, place.split == 0u);
  let bias_base = offset4(place.batch, params.batch_shape, params.bias_batch) + n * params.bias_column;
  let c_base = (place.split * params.batches + place.batch) * params.m * params.n + n;
  var rows = block_rows;
  let bias_step = step * params.bias_column;
  let end = min(params.m, first_row + 4u * row_step);
  var i = 0u;
  for (var m = first_row; m < end; m += row_step) {
    let row = rows[i];
    let at = c_base + m * params.n;
    let bias_at = bias_base + m * params.bias_row;
    if (n < params.n) {
      put(at, bias_at, beta, row.x);
    }
    if (n + step < params.n) {
      put(at + step, bias_at + bias_step, beta, row.y);
    }
    if (n + 2u * step < params.n) {
      put(at + 2u * step, bias_at + 2u * bias_step, beta, row.z);
    }
    if (n + 3u * step < params.n) {
      put(at + 3u * step, bias_at + 3u * bias_step, beta, row.w);
    }
    i++;
  }
}

/// Columns: rows m to m + 3 of op(A) at k to k + 3.
@if(!tiled)
fn load_a(base: u32, m: u32, k: u32) -> mat4x4<f32> {
  if (TRANSPOSE_A == 1u) {
    return transpose(a_rows(base + k * params.m + m, params.m));
  }
  return a_rows(base + m * params.k + k, params.k);
}

/// Columns: rows k to k + 3 of op(B) at n to n + 3.
@if(!tiled)
fn load_b(base: u32, k: u32, n: u32) -> mat4x4<f32> {
  if (TRANSPOSE_B == 1u) {
    return transpose(b_rows(base + n * params.k + k, params.k));
  }
  return b_rows(base + k * params.n + n, params.n);
}

/// Four rows as stored.
@if(!tiled)
fn a_rows(i: u32, stride: u32) -> mat4x4<f32> {
  if (ALIGNED_A == 1u) {
    let j = i / 4u;
    let s = stride / 4u;
    return mat4x4<f32>(a[j], a[j + s], a[j + 2u * s], a[j + 3u * s]);
  }
  return mat4x4<f32>(a_at(i), a_at(i + stride), a_at(i + 2u * stride), a_at(i + 3u * stride));
}

@if(!tiled)
fn b_rows(i: u32, stride: u32) -> mat4x4<f32> {
  if (ALIGNED_B == 1u) {
    let j = i / 4u;
    let s = stride / 4u;
    return mat4x4<f32>(b[j], b[j + s], b[j + 2u * s], b[j + 3u * s]);
  }
  return mat4x4<f32>(b_at(i), b_at(i + stride), b_at(i + 2u * stride), b_at(i + 3u * stride));
}

/// The block with zeros where the component's k is at or beyond the end.
@if(!tiled)
fn mask_components(lines: mat4x4<f32>, mask: vec4<bool>) -> mat4x4<f32> {
  let zero = vec4<f32>();
  return mat4x4<f32>(
    select(zero, lines[0], mask),
    select(zero, lines[1], mask),
    select(zero, lines[2], mask),
    select(zero, lines[3], mask),
  );
}

@if(!tiled)
@compute @workgroup_size(GROUP)
fn gemm_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let place = place_of(workgroup_index(group, groups) * GROUP + local);
  if (place.split >= params.splits) {
    return;
  }
  let m = place.m;
  let n = place.n;
  let a_base = offset4(place.batch, params.batch_shape, params.a_batch);
  let b_base = offset4(place.batch, params.batch_shape, params.b_batch);
  var c00 = mat4x4<f32>();
  @if(!block4x4) var c01 = mat4x4<f32>();
  @if(!block4x4) var c10 = mat4x4<f32>();
  @if(!block4x4) var c11 = mat4x4<f32>();
  @if(block8x16) var c02 = mat4x4<f32>();
  @if(block8x16) var c03 = mat4x4<f32>();
  @if(block8x16) var c12 = mat4x4<f32>();
  @if(block8x16) var c13 = mat4x4<f32>();
  for (var k = place.k; k < place.k_end; k += 4u) {
    var a0 = load_a(a_base, m, k);
    @if(!block4x4) var a1 = load_a(a_base, m + 4u, k);
    var b0 = load_b(b_base, k, n);
    @if(!block4x4) var b1 = load_b(b_base, k, n + 4u);
    @if(block8x16) var b2 = load_b(b_base, k, n + 8u);
    @if(block8x16) var b3 = load_b(b_base, k, n + 12u);
    if (TAIL == 1u && k + 4u > place.k_end) {
      let mask = mask_of(k, place.k_end);
      a0 = mask_components(a0, mask);
      b0 = transpose(mask_components(transpose(b0), mask));
      @if(!block4x4) {
        a1 = mask_components(a1, mask);
        b1 = transpose(mask_components(transpose(b1), mask));
      }
      @if(block8x16) {
        b2 = transpose(mask_components(transpose(b2), mask));
        b3 = transpose(mask_components(transpose(b3), mask));
      }
    }
    c00 += b0 * a0;
    @if(!block4x4) {
      c01 += b1 * a0;
      c10 += b0 * a1;
      c11 += b1 * a1;
    }
    @if(block8x16) {
      c02 += b2 * a0;
      c03 += b3 * a0;
      c12 += b2 * a1;
      c13 += b3 * a1;
    }
  }
  @if(block4x4) store(place, m, n, 1u, 1u, c00);
  @if(block8x8) var rows = array<mat4x4<f32>, 4>(c00, c01, c10, c11);
  @if(block8x16) var rows = array<mat4x4<f32>, 8>(c00, c01, c02, c03, c10, c11, c12, c13);
  @if(!block4x4) {
    for (var i = 0u; i < BLOCK_COLUMNS / 2u; i++) {
      store(place, m + i / (BLOCK_COLUMNS / 4u) * 4u, n + i % (BLOCK_COLUMNS / 4u) * 4u, 1u, 1u, rows[i]);
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
  let place = place_of(workgroup_index(group, groups));
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
