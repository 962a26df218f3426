// Matrix multiplication with tiles in workgroup memory (lib/gemm.wgsl), for GPUs: 64 threads share TILE x TILE tiles of C
// and read A and B through workgroup memory.
// rounds: k_split / 16 * 11 + 120
// lowering reads: TILE
import package::lib::gemm::{Gemm, Tile, start_of, tile_of};
import package::lib::gemm_result::{put, with_bias};
import package::lib::grid::workgroup_index;

// Compile-time constants: whether an operand is stored transposed, and whether its rows are multiples of 4 long.
const TRANSPOSE_A = 0u;
const TRANSPOSE_B = 0u;
const ALIGNED_A = 1u;
const ALIGNED_B = 1u;

/// Rows and columns of C of a workgroup.
const TILE = 64u;

@group(0) @binding(0) var<uniform> params: Gemm;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;

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

/// Stores a 4x4 block of C with rows `row_step` and columns `column_step` apart.
fn store(tile: Tile, first_row: u32, first_column: u32, row_step: u32, column_step: u32, part: mat4x4<f32>) {
  let bias_base = start_of(tile.batch, params.batch_shape, params.bias_batch);
  let c_base = (tile.split * params.batches + tile.batch) * params.m * params.n;
  var lines = part;
  for (var i = 0u; i < 4u; i++) {
    let m = first_row + i * row_step;
    for (var j = 0u; j < 4u; j++) {
      let n = first_column + j * column_step;
      if (m < params.m && n < params.n) {
        let bias_at = bias_base + m * params.bias_row + n * params.bias_column;
        put(c_base + m * params.n + n, 0u, with_bias(params.alpha * lines[i][j], bias_at, params.beta));
      }
    }
  }
}

// The tiles hold 64 rows of op(A) and columns of op(B) at 16 values of k, as they are stored: either 64 lines of
// four vec4 along k, with a gap after each so that threads hit different banks, or 16 lines of 16 vec4.
const LINE = 5u;
var<workgroup> tile_a: array<vec4<f32>, 320>;
var<workgroup> tile_b: array<vec4<f32>, 320>;

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
fn tile_rows(at: u32, k: u32) -> mat4x4<f32> {
  if (TRANSPOSE_A == 1u) {
    let i = k * 64u + at;
    return transpose(mat4x4<f32>(tile_a[i], tile_a[i + 16u], tile_a[i + 32u], tile_a[i + 48u]));
  }
  let i = at * LINE + k;
  return mat4x4<f32>(tile_a[i], tile_a[i + 8u * LINE], tile_a[i + 16u * LINE], tile_a[i + 24u * LINE]);
}

/// Four rows of op(B) as columns, at columns at + (0, 8, 16, 24) if stored transposed, else 4 * at + (0..3).
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

@compute @workgroup_size(64)
fn shared_tile(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let tile = tile_of(workgroup_index(group, groups), params, TILE, TILE);
  if (tile.split >= params.splits) {
    return;
  }
  let a_base = start_of(tile.batch, params.batch_shape, params.a_batch);
  let b_base = start_of(tile.batch, params.batch_shape, params.b_batch);
  let row = local / 8u;
  let column = local % 8u;
  // The second block of rows and columns of a thread lies 32 further: 8 vec4 or 32 lines.
  let row_gap = select(32u, 8u, TRANSPOSE_A == 1u);
  let column_gap = select(8u, 32u, TRANSPOSE_B == 1u);
  var c00 = mat4x4<f32>();
  var c01 = mat4x4<f32>();
  var c10 = mat4x4<f32>();
  var c11 = mat4x4<f32>();
  for (var k = tile.k; k < tile.k_end; k += 16u) {
    for (var i = 0u; i < 4u; i++) {
      fill_a(a_base, tile.m, k, tile.k_end, local + 64u * i);
      fill_b(b_base, tile.n, k, tile.k_end, local + 64u * i);
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
  let m = tile.m + row * select(1u, 4u, TRANSPOSE_A == 1u);
  let row_step = select(8u, 1u, TRANSPOSE_A == 1u);
  let n = tile.n + column * select(4u, 1u, TRANSPOSE_B == 1u);
  let step = select(1u, 8u, TRANSPOSE_B == 1u);
  var rows = array<mat4x4<f32>, 4>(c00, c01, c10, c11);
  for (var i = 0u; i < 4u; i++) {
    store(tile, m + i / 2u * 32u, n + i % 2u * 32u, row_step, step, rows[i]);
  }
}
