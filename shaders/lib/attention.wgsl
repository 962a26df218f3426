// What the attention kernels share: their operands, tiles of scores, masks and dropout.
// query, key, value and y may each be a part of a larger tensor, such as the three parts of one packed projection:
// element d of a position lies at offset + entry * .y + head * .z + position * .w + d of its strides (offset, y, z, w).
// Widths and strides are multiples of 4. A tile is a mat4x4 with one query row per column and four neighbouring keys as
// components. Blocks of operands are mat4x4 with one position per column and four neighbouring d as components, so that
// products of tiles and blocks are products of matrices. A thread sums up a chunk of the columns in registers (indexed
// arrays are slow on CPU adapters); wider heads are shared out among threads that compute the same tiles.
// `quad`: four neighbouring threads of a subgroup have 16 neighbouring rows (or keys) and look at the same tile of keys
// (or rows). Each reads one position of it and gets the others from its neighbours, and the first 16 columns of a thread's
// own positions stay in registers: a fifth of the loads, for CPU adapters, where a load costs more than a dozen
// multiplications.
import package::lib::float::are_nan;
import package::lib::offset::offset4;
import package::lib::philox::philox;
import package::lib::step::Step;

const FOUR = vec4<u32>(0u, 1u, 2u, 3u);

/// Stands for the score of a pair that may not look at each other; finite, because WGSL knows no infinity.
const HIDDEN = -2e38;
/// Scores that count are at least this.
const LEAST = -1e38;
/// logsumexp of a row without any key to look at: its weights become exp(score - EMPTY) = 0.
const EMPTY = 2e38;

// shared with the host
const MASK_BOOLEAN = 1u;
const MASK_ADDITIVE = 2u;

// Specialized, because code that is never run takes long to compile: 0, MASK_BOOLEAN or MASK_ADDITIVE; whether weights
// are dropped; blocks of four columns of a chunk of query and key, and of value and y; whether either has more than one
// chunk.
const MASK = 0u;
const DROPOUT = 0u;
const KEY_BLOCKS = 1u;
const VALUE_BLOCKS = 1u;
const WIDE = 0u;
// Whether gradients are added to what is there.
const ACCUMULATE = 0u;

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

struct Params {
  query: vec4<u32>,
  key: vec4<u32>,
  value: vec4<u32>,
  y: vec4<u32>,
  mask_shape: vec4<u32>,
  mask_strides: vec4<u32>,
  entries: u32,
  /// Query heads per entry; `groups` neighbouring ones share a key and value head.
  heads: u32,
  groups: u32,
  rows: u32,
  keys: u32,
  width: u32,
  value_width: u32,
  causal: u32,
  scale: f32,
  mask_row: u32,
  mask_key: u32,
  /// p * 2^32.
  threshold: u32,
  keep_scale: f32,
  node: u32,
  /// The tiles of keys (or rows) that this dispatch goes over; long sequences take several dispatches.
  first_tile: u32,
  end_tile: u32,
  /// Which of a row's two statistics the forward pass writes its logsumexp to.
  slot: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> query: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> key: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> value: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> mask: array<f32>;
@group(0) @binding(6) var<storage, read> dy: array<vec4<f32>>;

/// Where a thread works.
struct Place {
  entry: u32,
  head: u32,
  /// The first of the rows or keys that the threads of a team have together, and of this thread's own four.
  first: u32,
  own: u32,
  /// The first column of the chunk.
  column: u32,
  /// Number of the thread in its team.
  lane: u32,
}

/// Of the threads for so many positions of each head and columns of each of them.
fn place_of(thread: u32, positions: u32, heads: u32, columns: u32) -> Place {
  let team = thread / TEAM;
  let lane = thread % TEAM;
  let parts = (positions + 4u * TEAM - 1u) / (4u * TEAM);
  let chunks = select(1u, max(1u, (columns + CHUNK - 1u) / CHUNK), WIDE == 1u);
  let part = team / chunks;
  let line = part / parts;
  let first = (part - line * parts) * 4u * TEAM;
  return Place(line / heads, line % heads, first, first + 4u * lane, (team - part * chunks) * CHUNK, lane);
}

/// Where positions of a head begin.
fn begin(strides: vec4<u32>, entry: u32, head: u32, positions: vec4<u32>) -> vec4<u32> {
  return strides.x + entry * strides.y + head * strides.z + positions * strides.w;
}

// Elements d to d + 3 of the positions of a thread's own that begin at `at`.

fn query_block(at: vec4<u32>, d: u32) -> mat4x4<f32> {
  let i = (at + d) / 4u;
  return mat4x4<f32>(query[i.x], query[i.y], query[i.z], query[i.w]);
}

fn key_block(at: vec4<u32>, d: u32) -> mat4x4<f32> {
  let i = (at + d) / 4u;
  return mat4x4<f32>(key[i.x], key[i.y], key[i.z], key[i.w]);
}

fn value_block(at: vec4<u32>, d: u32) -> mat4x4<f32> {
  let i = (at + d) / 4u;
  return mat4x4<f32>(value[i.x], value[i.y], value[i.z], value[i.w]);
}

fn dy_block(at: vec4<u32>, d: u32) -> mat4x4<f32> {
  let i = (at + d) / 4u;
  return mat4x4<f32>(dy[i.x], dy[i.y], dy[i.z], dy[i.w]);
}

/// Where in a tile its positions are, one after the other: in `quad` a thread's own comes first, as exchanging gives them.
fn tile_order(lane: u32) -> vec4<u32> {
  @if(!quadShuffle) return FOUR;
  @if(quadShuffle) return FOUR ^ vec4<u32>(lane);
}

/// The positions of a tile that this thread reads; in `quad` one of them, four times.
fn tile_positions(first: u32, lane: u32, count: u32) -> vec4<u32> {
  @if(!quadShuffle) return min(first + FOUR, vec4<u32>(count - 1u));
  @if(quadShuffle) return vec4<u32>(min(first + lane, count - 1u));
}

/// What the four threads have read, in tile_order.
@if(quadShuffle) fn spread(own: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

// Elements d to d + 3 of the positions of a tile.

fn query_tile(at: vec4<u32>, d: u32) -> mat4x4<f32> {
  @if(!quadShuffle) return query_block(at, d);
  @if(quadShuffle) return spread(query[(at.x + d) / 4u]);
}

fn key_tile(at: vec4<u32>, d: u32) -> mat4x4<f32> {
  @if(!quadShuffle) return key_block(at, d);
  @if(quadShuffle) return spread(key[(at.x + d) / 4u]);
}

fn value_tile(at: vec4<u32>, d: u32) -> mat4x4<f32> {
  @if(!quadShuffle) return value_block(at, d);
  @if(quadShuffle) return spread(value[(at.x + d) / 4u]);
}

fn dy_tile(at: vec4<u32>, d: u32) -> mat4x4<f32> {
  @if(!quadShuffle) return dy_block(at, d);
  @if(quadShuffle) return spread(dy[(at.x + d) / 4u]);
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

// The blocks of a tile from column d on.

fn query_tiles(at: vec4<u32>, d: u32) -> Blocks {
  var tiles = Blocks();
  tiles[0] = query_tile(at, d);
  if (KEY_BLOCKS > 1u) {
    tiles[1] = query_tile(at, d + 4u);
  }
  if (KEY_BLOCKS > 2u) {
    tiles[2] = query_tile(at, d + 8u);
  }
  if (KEY_BLOCKS > 3u) {
    tiles[3] = query_tile(at, d + 12u);
  }
  return tiles;
}

fn key_tiles(at: vec4<u32>, d: u32) -> Blocks {
  var tiles = Blocks();
  tiles[0] = key_tile(at, d);
  if (KEY_BLOCKS > 1u) {
    tiles[1] = key_tile(at, d + 4u);
  }
  if (KEY_BLOCKS > 2u) {
    tiles[2] = key_tile(at, d + 8u);
  }
  if (KEY_BLOCKS > 3u) {
    tiles[3] = key_tile(at, d + 12u);
  }
  return tiles;
}

fn value_tiles(at: vec4<u32>, d: u32) -> Blocks {
  var tiles = Blocks();
  tiles[0] = value_tile(at, d);
  if (VALUE_BLOCKS > 1u) {
    tiles[1] = value_tile(at, d + 4u);
  }
  if (VALUE_BLOCKS > 2u) {
    tiles[2] = value_tile(at, d + 8u);
  }
  if (VALUE_BLOCKS > 3u) {
    tiles[3] = value_tile(at, d + 12u);
  }
  return tiles;
}

fn dy_tiles(at: vec4<u32>, d: u32) -> Blocks {
  var tiles = Blocks();
  tiles[0] = dy_tile(at, d);
  if (VALUE_BLOCKS > 1u) {
    tiles[1] = dy_tile(at, d + 4u);
  }
  if (VALUE_BLOCKS > 2u) {
    tiles[2] = dy_tile(at, d + 8u);
  }
  if (VALUE_BLOCKS > 3u) {
    tiles[3] = dy_tile(at, d + 12u);
  }
  return tiles;
}

// Columns of a head: constants where they fit into a chunk.

fn key_width(p: Params) -> u32 {
  return select(4u * KEY_BLOCKS, p.width, WIDE == 1u);
}

fn value_width(p: Params) -> u32 {
  return select(4u * VALUE_BLOCKS, p.value_width, WIDE == 1u);
}

// The functions below take `params` as a value: CPU adapters take long to read a uniform within a loop.

/// How many keys each of four rows may look at; a row beyond the last looks at none.
fn limits_of(p: Params, rows: vec4<u32>) -> vec4<u32> {
  let all = vec4<u32>(p.keys);
  let limits = select(all, min(all, rows + 1u), p.causal != 0u);
  return select(vec4<u32>(), limits, rows < vec4<u32>(p.rows));
}

/// The scores of one row, which looks at `limit` keys, and four keys, from their products: scaled, with the mask applied,
/// which is 0 where nothing may be seen if boolean, -Infinity if additive.
fn score(p: Params, product: vec4<f32>, mask_at: u32, row: u32, limit: u32, keys: vec4<u32>) -> vec4<f32> {
  var result = product * p.scale;
  var hidden = keys >= vec4<u32>(limit);
  if (MASK != 0u) {
    let at = mask_at + min(row, p.rows - 1u) * p.mask_row + min(keys, vec4<u32>(p.keys - 1u)) * p.mask_key;
    let values = vec4<f32>(mask[at.x], mask[at.y], mask[at.z], mask[at.w]);
    if (MASK == MASK_BOOLEAN) {
      hidden |= values == vec4<f32>();
    } else {
      result += values;
      hidden |= bitcast<vec4<u32>>(values) == vec4<u32>(0xff800000u);
    }
  }
  let counted = select(max(result, vec4<f32>(LEAST)), result, are_nan(result));
  return select(counted, vec4<f32>(HIDDEN), hidden);
}

fn scores(
  p: Params,
  products: mat4x4<f32>,
  mask_at: u32,
  row: vec4<u32>,
  limits: vec4<u32>,
  keys: vec4<u32>,
) -> mat4x4<f32> {
  return mat4x4<f32>(
    score(p, products[0], mask_at, row.x, limits.x, keys),
    score(p, products[1], mask_at, row.y, limits.y, keys),
    score(p, products[2], mask_at, row.z, limits.z, keys),
    score(p, products[3], mask_at, row.w, limits.w, keys),
  );
}

/// exp(score - shift), 0 for hidden scores.
fn weight(scores_of_row: vec4<f32>, shift: f32) -> vec4<f32> {
  let x = scores_of_row - shift;
  return select(select(exp(x), x, are_nan(x)), vec4<f32>(), scores_of_row < vec4<f32>(LEAST));
}

fn weights(s: mat4x4<f32>, shift: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(weight(s[0], shift.x), weight(s[1], shift.y), weight(s[2], shift.z), weight(s[3], shift.w));
}

/// Gradients of the scores, from the weights, their gradients and delta.
fn dscores(p: mat4x4<f32>, dp: mat4x4<f32>, delta: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(
    p[0] * (dp[0] - delta.x),
    p[1] * (dp[1] - delta.y),
    p[2] * (dp[2] - delta.z),
    p[3] * (dp[3] - delta.w),
  );
}

/// The block with its columns scaled.
fn scaled(part: mat4x4<f32>, factor: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(part[0] * factor.x, part[1] * factor.y, part[2] * factor.z, part[3] * factor.w);
}

/// Factors of dropout for one row (of all heads) and the keys 4 * quad to 4 * quad + 3: 0, or keep_scale where a random
/// word is at least the threshold. The backward kernels draw the same words again.
fn dropout_factors(p: Params, line: u32, quad: u32) -> vec4<f32> {
  let words = philox(vec2<u32>(step.seed_lo, step.seed_hi), vec4<u32>(quad, step.index, p.node, line));
  return select(vec4<f32>(), vec4<f32>(p.keep_scale), words >= vec4<u32>(p.threshold));
}

/// Factors of dropout of a tile, whose keys are in the order tile_order(lane); a loop, because many copies of the
/// generator take long to compile.
fn factors(p: Params, line: vec4<u32>, quad: u32, lane: u32) -> mat4x4<f32> {
  var result = mat4x4<f32>();
  if (DROPOUT == 1u) {
    for (var i = 0u; i < 4u; i++) {
      var factor = dropout_factors(p, line[i], quad);
      factor = select(factor, factor.yxwz, (lane & 1u) != 0u);
      result[i] = select(factor, factor.zwxy, (lane & 2u) != 0u);
    }
  }
  return result;
}

/// The tile with the factors of dropout applied, where there are any.
fn dropped(tile: mat4x4<f32>, f: mat4x4<f32>) -> mat4x4<f32> {
  if (DROPOUT == 0u) {
    return tile;
  }
  return mat4x4<f32>(tile[0] * f[0], tile[1] * f[1], tile[2] * f[2], tile[3] * f[3]);
}

/// Offset of the mask of one head.
fn mask_begin(entry: u32, head: u32) -> u32 {
  if (MASK == 0u) {
    return 0u;
  }
  return offset4(entry * params.heads + head, params.mask_shape, params.mask_strides);
}
