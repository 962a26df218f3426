// The sizes of a product, and which part of C a thread (or a workgroup of `tiled`) computes.

import package::lib::offset::offset4;

// Specialized: how many times 16 columns (1 or 2) four threads of `quad` compute.
@if(quad) const PARTS = 1u;
/// Rows and columns of C in such a part; of `block` specialized (1, 4 or 8).
@if(block) const BLOCK_ROWS = 8u;
@if(quad) const BLOCK_ROWS = 16u;
@if(tiled) const BLOCK_ROWS = 64u;
@if(quad) const BLOCK_COLUMNS = 16u * PARTS;
@if(tiled) const BLOCK_COLUMNS = 64u;

// Specialized: whether there is more than one matrix.
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
  @if(!tiled) a_row: u32,
  @if(!tiled) a_column: u32,
  @if(!tiled) b_row: u32,
  @if(!tiled) b_column: u32,
  bias_row: u32,
  bias_column: u32,
  /// Ranges of K, each of k_split elements.
  splits: u32,
  k_split: u32,
  alpha: f32,
  beta: f32,
  /// What becomes of a value, if that is no constant: see lib/gemm_result.wgsl.
  @if(!tiled) epilogue: u32,
  /// Whether `extra` takes the row sums of op(A): 1 overwrites, 2 adds.
  @if(!tiled) row_sums: u32,
}

@if(!block)
struct Place {
  batch: u32,
  split: u32,
  m: u32,
  n: u32,
  k: u32,
  k_end: u32,
}

/// The tile of C and the range of K of a group of threads.
@if(!block)
fn place_of(index: u32, gemm: Gemm) -> Place {
  let columns = (gemm.n + BLOCK_COLUMNS - 1u) / BLOCK_COLUMNS;
  let rows = (gemm.m + BLOCK_ROWS - 1u) / BLOCK_ROWS;
  let row = index / columns;
  let matrix = row / rows;
  let split = matrix / gemm.batches;
  return Place(
    matrix - split * gemm.batches,
    split,
    (row - matrix * rows) * BLOCK_ROWS,
    (index - row * columns) * BLOCK_COLUMNS,
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
