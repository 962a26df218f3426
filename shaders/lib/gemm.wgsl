// What the matrix multiplications share: the sizes of a product, and the tile of C that a group of threads computes.
//   C = epilogue(alpha * op(A) op(B) + beta * bias) for each matrix of a batch, with op(A) [m, k], op(B) [k, n] and C
// [m, n] row-major. The bias is read through strides, so that it broadcasts. Rows and columns beyond the edges of C are
// computed from whatever lies there and never stored. Split-K: with splits > 1 each split multiplies one range of K into
// its own C, and split_sum.wgsl adds them up.
import package::lib::offset::offset4;

/// Compile-time constant: whether there is more than one matrix.
const BATCHED = 1u;

struct Gemm {
  /// The batch as up to four dimensions, and what each operand advances along them, in elements.
  batch_shape: vec4<u32>,
  a_batch: vec4<u32>,
  b_batch: vec4<u32>,
  bias_batch: vec4<u32>,
  batches: u32,
  m: u32,
  n: u32,
  k: u32,
  /// Elements from one row and one column of op(A), op(B) and the bias to the next.
  a_row: u32,
  a_column: u32,
  b_row: u32,
  b_column: u32,
  bias_row: u32,
  bias_column: u32,
  /// Ranges of K, each of k_split elements.
  splits: u32,
  k_split: u32,
  alpha: f32,
  beta: f32,
  /// Run-time epilogue: see lib/gemm_result.wgsl.
  epilogue: u32,
  /// Whether `extra` takes the row sums of op(A), the gradient of a bias where C is that of a weight.
  row_sums: u32,
}

struct Tile {
  batch: u32,
  split: u32,
  m: u32,
  n: u32,
  k: u32,
  k_end: u32,
}

/// Tile number `index` of so many rows and columns of C.
fn tile_of(index: u32, gemm: Gemm, tile_rows: u32, tile_columns: u32) -> Tile {
  let columns = (gemm.n + tile_columns - 1u) / tile_columns;
  let rows = (gemm.m + tile_rows - 1u) / tile_rows;
  let row = index / columns;
  let matrix = row / rows;
  let split = matrix / gemm.batches;
  return Tile(
    matrix - split * gemm.batches,
    split,
    (row - matrix * rows) * tile_rows,
    (index - row * columns) * tile_columns,
    split * gemm.k_split,
    min(gemm.k, (split + 1u) * gemm.k_split),
  );
}

/// Where a matrix of an operand begins.
fn start_of(batch: u32, shape: vec4<u32>, strides: vec4<u32>) -> u32 {
  if (BATCHED == 0u) {
    return 0u;
  }
  return offset4(batch, shape, strides);
}
