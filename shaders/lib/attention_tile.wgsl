// The tile loader of the attention kernels (lib/attention.wgsl): which queries or keys a thread works on, and blocks of
// operands. A tile is a mat4x4 with one query per column and four neighbouring keys as components. Blocks of operands are
// mat4x4 with one position per column and four neighbouring d as components, so that tiles are products of blocks. A thread
// sums up a chunk of the head dimension in registers (indexed arrays are slow on CPU adapters); larger ones are shared out
// among threads that compute the same tiles.
// `quadShuffle`, for CPU adapters, where a load costs more than a dozen multiplications: four neighbouring threads of a
// subgroup have 16 neighbouring queries (or keys) and look at the same tile of keys (or queries). Each reads one position of
// it and gets the others from its neighbours, and the first 16 elements of a thread's own positions stay in registers: a
// fifth of the loads.
import package::lib::attention::{FOUR, Params, dy, key, query, value, HEAD_BLOCKS, VALUE_BLOCKS, WIDE};

// shared with the host
/// Columns of a chunk: as many as registers hold, and compile within a second on CPU adapters.
const CHUNK = 16u;

/// Threads that share a tile.
@if(!quadShuffle) const TEAM = 1u;
@if(quadShuffle) const TEAM = 4u;
/// Whether there are columns of a thread's own that are read anew for each tile, and the first of them.
@if(!quadShuffle) const LOOPED = 1u;
@if(quadShuffle) const LOOPED = WIDE;
@if(!quadShuffle) const FIRST_LOOPED = 0u;
@if(quadShuffle) const FIRST_LOOPED = CHUNK;

// The operands of a score, query and key, and of its gradient, dy and value. A thread's own positions are those of query and
// dy, tiles those of key and value; the other way round under the condition `by_key`.
const SCORE = 0u;
const GRADIENT = 1u;

/// Where a thread works.
struct Place {
  batch: u32,
  head: u32,
  /// The first of the queries or keys that the threads of a team have together, and of this thread's own four.
  first: u32,
  own: u32,
  /// The first column of the chunk.
  column: u32,
  /// Number of the thread in its team.
  lane: u32,
}

/// Of the threads for so many positions of each head and columns of each of them; `lane` is the thread's place in its team.
fn place_of(thread: u32, lane: u32, positions: u32, heads: u32, columns: u32) -> Place {
  let team = thread / TEAM;
  let parts = (positions + 4u * TEAM - 1u) / (4u * TEAM);
  let chunks = select(1u, max(1u, (columns + CHUNK - 1u) / CHUNK), WIDE == 1u);
  let part = team / chunks;
  let line = part / parts;
  let first = (part - line * parts) * 4u * TEAM;
  return Place(line / heads, line % heads, first, first + 4u * lane, (team - part * chunks) * CHUNK, lane);
}

/// Where positions of a head begin, by the strides of an operand.
fn begin(strides: vec4<u32>, batch: u32, head: u32, positions: vec4<u32>) -> vec4<u32> {
  return strides.x + batch * strides.y + head * strides.z + positions * strides.w;
}

/// Four elements of query or dy; `operand` is a constant where this is called, so that only one of them is read.
fn query_element(operand: u32, i: u32) -> vec4<f32> {
  @if(!forward) return select(query[i], dy[i], operand == GRADIENT);
  @if(forward) return query[i];
}

/// Four elements of key or value.
fn key_element(operand: u32, i: u32) -> vec4<f32> {
  return select(key[i], value[i], operand == GRADIENT);
}

fn own_element(operand: u32, i: u32) -> vec4<f32> {
  @if(!by_key) return query_element(operand, i);
  @if(by_key) return key_element(operand, i);
}

fn tile_element(operand: u32, i: u32) -> vec4<f32> {
  @if(!by_key) return key_element(operand, i);
  @if(by_key) return query_element(operand, i);
}

/// Elements d to d + 3 of the positions of a thread's own that begin at `at`.
fn own_block(operand: u32, at: vec4<u32>, d: u32) -> mat4x4<f32> {
  let i = (at + d) / 4u;
  return mat4x4<f32>(
    own_element(operand, i.x),
    own_element(operand, i.y),
    own_element(operand, i.z),
    own_element(operand, i.w),
  );
}

/// The first `count` blocks of a thread's own positions.
fn own_blocks(operand: u32, at: vec4<u32>, count: u32) -> Blocks {
  var own = Blocks();
  for (var b = 0u; b < count; b++) {
    for (var r = 0u; r < 4u; r++) {
      own[b][r] = own_element(operand, at[r] / 4u + b);
    }
  }
  return own;
}

/// Where in a tile its positions are, one after the other: in `quadShuffle` a thread's own comes first, as exchanging
/// gives them.
fn tile_order(lane: u32) -> vec4<u32> {
  @if(!quadShuffle) return FOUR;
  @if(quadShuffle) return FOUR ^ vec4<u32>(lane);
}

/// The positions of a tile that this thread reads; in `quadShuffle` one of them, four times.
fn tile_positions(first: u32, lane: u32, count: u32) -> vec4<u32> {
  @if(!quadShuffle) return min(first + FOUR, vec4<u32>(count - 1u));
  @if(quadShuffle) return vec4<u32>(min(first + lane, count - 1u));
}

/// Elements d to d + 3 of the positions of a tile, in tile_order.
fn tile_block(operand: u32, at: vec4<u32>, d: u32) -> mat4x4<f32> {
  let i = (at + d) / 4u;
  @if(!quadShuffle) return mat4x4<f32>(
    tile_element(operand, i.x),
    tile_element(operand, i.y),
    tile_element(operand, i.z),
    tile_element(operand, i.w),
  );
  @if(quadShuffle) let own = tile_element(operand, i.x);
  @if(quadShuffle) return mat4x4<f32>(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

/// Blocks of one chunk.
alias Blocks = array<mat4x4<f32>, 4>;

/// All products of the positions of a tile with a thread's own, over `count` blocks.
fn products(tile: Blocks, own: Blocks, count: u32) -> mat4x4<f32> {
  if (count == 0u) {
    return mat4x4<f32>();
  }
  var s = transpose(tile[0]) * own[0];
  if (count > 1u) {
    s += transpose(tile[1]) * own[1];
  }
  if (count > 2u) {
    s += transpose(tile[2]) * own[2];
  }
  if (count > 3u) {
    s += transpose(tile[3]) * own[3];
  }
  return s;
}

/// `count` blocks of a tile from element d on.
fn tile_blocks(operand: u32, at: vec4<u32>, d: u32, count: u32) -> Blocks {
  var tiles = Blocks();
  tiles[0] = tile_block(operand, at, d);
  if (count > 1u) {
    tiles[1] = tile_block(operand, at, d + 4u);
  }
  if (count > 2u) {
    tiles[2] = tile_block(operand, at, d + 8u);
  }
  if (count > 3u) {
    tiles[3] = tile_block(operand, at, d + 12u);
  }
  return tiles;
}

// Elements of a head: constants where they fit into a chunk.

fn head_dim_of(p: Params) -> u32 {
  return select(4u * HEAD_BLOCKS, p.head_dim, WIDE == 1u);
}

fn value_dim_of(p: Params) -> u32 {
  return select(4u * VALUE_BLOCKS, p.value_dim, WIDE == 1u);
}

