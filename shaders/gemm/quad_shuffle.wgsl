// Quad-shuffle matrix multiplication (lib/gemm.wgsl), for CPU adapters, where a load costs more than a dozen
// multiplications: four neighbouring threads of a subgroup exchange what they read and compute 16 rows and 16 or 32
// columns of C with an eighth of the loads of register_tile.wgsl. A and B are read in any layout, through their strides.
// rounds: k_split / 4 + 16 * PARTS + 10
// lowering reads: TILE
import package::lib::gemm::{Gemm, start_of, tile_of};
import package::lib::gemm_result::{bias, put, put_row_sum, with_bias, BIAS};
import package::lib::grid::workgroup_index;

enable subgroups;
// Control flow is quad-uniform.
diagnostic(off, subgroup_uniformity);

// Compile-time constants: threads per workgroup, and how many times TILE columns (1 or 2) four threads compute.
const GROUP = 64u;
const PARTS = 1u;
/// Rows of C of four threads, and the columns of a part.
const TILE = 16u;

@group(0) @binding(0) var<uniform> params: Gemm;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;

/// Elements of rows `rows` of op(A), wherever they are stored, at one value of k.
fn column_of_a(rows: vec4<u32>, k: u32, on: bool) -> vec4<f32> {
  let at = rows + vec4<u32>(k);
  return select(vec4<f32>(), vec4<f32>(a[at.x], a[at.y], a[at.z], a[at.w]), on);
}

/// Elements of columns `columns` of op(B) at four values of k.
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
@compute @workgroup_size(GROUP)
fn quad_shuffle(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) invocation: u32,
) {
  let p = params;
  let tile = tile_of((workgroup_index(group, groups) * GROUP + local) / 4u, p, TILE, PARTS * TILE);
  if (tile.split >= p.splits) {
    return;
  }
  let lane = invocation % 4u;
  let a_base = start_of(tile.batch, p.batch_shape, p.a_batch);
  let b_base = start_of(tile.batch, p.batch_shape, p.b_batch);
  let lines = vec4<u32>(lane, lane + 4u, lane + 8u, lane + 12u);
  let rows = min(lines + vec4<u32>(tile.m), vec4<u32>(p.m - 1u)) * p.a_row + vec4<u32>(a_base);
  let last_n = vec4<u32>(p.n - 1u);
  let columns = min(lines + vec4<u32>(tile.n), last_n) * p.b_column + vec4<u32>(b_base);
  let more_columns = min(lines + vec4<u32>(tile.n + 16u), last_n) * p.b_column + vec4<u32>(b_base);
  let k_end = vec4<u32>(tile.k_end);
  let sums_rows = p.row_sums != 0u && tile.n == 0u;
  var c0 = mat4x4<f32>();
  var c1 = mat4x4<f32>();
  var c2 = mat4x4<f32>();
  var c3 = mat4x4<f32>();
  var d0 = mat4x4<f32>();
  var d1 = mat4x4<f32>();
  var d2 = mat4x4<f32>();
  var d3 = mat4x4<f32>();
  var sums = vec4<f32>();
  for (var first = tile.k; first < tile.k_end; first += 4u) {
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
  let bias_base = start_of(tile.batch, p.batch_shape, p.bias_batch);
  let c_base = (tile.split * p.batches + tile.batch) * p.m * p.n;
  var parts = array<mat4x4<f32>, 8>(c0, c1, c2, c3, d0, d1, d2, d3);
  for (var i = 0u; i < 16u * PARTS; i++) {
    let m = vec4<u32>(tile.m + (lane ^ ((i >> 2u) & 3u))) + vec4<u32>(0u, 4u, 8u, 12u);
    let n = tile.n + lane + 4u * (i & 3u) + 16u * (i >> 4u);
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
      let m = tile.m + lane + 4u * i;
      if (m < p.m) {
        put_row_sum(m, p.alpha * sums[i]);
      }
    }
  }
}
