// What the attention kernels share: their operands, tiles of scores, masks and dropout.
// query, key, value and y may each be a part of a larger tensor, such as the three parts of one packed projection:
// element d of a position lies at offset + entry * .y + head * .z + position * .w + d of its strides (offset, y, z, w).
// Widths and strides are multiples of 4. A tile is a mat4x4 with one query row per column and four neighbouring keys as
// components. Blocks of operands are mat4x4 with one position per column and four neighbouring d as components, so that
// products of tiles and blocks are products of matrices. A thread sums up a chunk of the columns in registers (indexed
// arrays are slow on software adapters); wider heads are shared out among threads that compute the same tiles.
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

const MASK_BOOLEAN = 1u;
const MASK_ADDITIVE = 2u;

// Specialized, because code that is never run takes long to compile: 0, MASK_BOOLEAN or MASK_ADDITIVE; whether weights
// are dropped.
const MASK = 0u;
const DROPOUT = 0u;

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
  /// Whether gradients are added to what is there.
  accumulate: u32,
  accumulate_value: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> query: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> key: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> value: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> mask: array<f32>;
@group(0) @binding(6) var<storage, read> dy: array<vec4<f32>>;

/// Four rows, or keys, of one head, and the first column of a chunk.
struct Place {
  entry: u32,
  head: u32,
  first: u32,
  column: u32,
}

fn place_of(index: u32, positions: u32, heads: u32, columns: u32, chunk: u32) -> Place {
  let quads = (positions + 3u) / 4u;
  let chunks = max(1u, (columns + chunk - 1u) / chunk);
  let quad = index / chunks;
  let line = quad / quads;
  return Place(line / heads, line % heads, (quad - line * quads) * 4u, (index - quad * chunks) * chunk);
}

/// Where positions of a head begin.
fn begin(strides: vec4<u32>, entry: u32, head: u32, positions: vec4<u32>) -> vec4<u32> {
  return strides.x + entry * strides.y + head * strides.z + positions * strides.w;
}

/// Elements d to d + 3 of the queries that begin at `at`.
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

// The functions below take `params` as a value: software adapters take long to read a uniform within a loop.

/// Whether a pair may not look at each other, for one row and the keys from `first_key` on.
fn beyond(p: Params, row: u32, first_key: u32) -> vec4<bool> {
  let keys = first_key + FOUR;
  let last = select(p.keys, min(p.keys, row + 1u), p.causal != 0u);
  return keys >= vec4<u32>(select(last, 0u, row >= p.rows));
}

/// The score of one row and the keys from `first_key` on, from their products: scaled, with the mask applied, which is
/// 0 where nothing may be seen if boolean, -Infinity if additive.
fn score(p: Params, product: vec4<f32>, mask_at: u32, row: u32, first_key: u32) -> vec4<f32> {
  var result = product * p.scale;
  var hidden = beyond(p, row, first_key);
  if (MASK != 0u) {
    let keys = min(first_key + FOUR, vec4<u32>(p.keys - 1u));
    let at = mask_at + min(row, p.rows - 1u) * p.mask_row + keys * p.mask_key;
    let values = vec4<f32>(mask[at.x], mask[at.y], mask[at.z], mask[at.w]);
    if (MASK == MASK_BOOLEAN) {
      hidden |= values == vec4<f32>();
    } else {
      result += values;
      hidden |= bitcast<vec4<u32>>(values) == vec4<u32>(0xff800000u);
    }
  }
  return select(max(result, vec4<f32>(LEAST)), vec4<f32>(HIDDEN), hidden);
}

fn scores(p: Params, products: mat4x4<f32>, mask_at: u32, row: vec4<u32>, first_key: u32) -> mat4x4<f32> {
  return mat4x4<f32>(
    score(p, products[0], mask_at, row.x, first_key),
    score(p, products[1], mask_at, row.y, first_key),
    score(p, products[2], mask_at, row.z, first_key),
    score(p, products[3], mask_at, row.w, first_key),
  );
}

/// exp(score - shift), 0 for hidden scores.
fn weight(scores_of_row: vec4<f32>, shift: f32) -> vec4<f32> {
  return select(exp(scores_of_row - shift), vec4<f32>(), scores_of_row < vec4<f32>(LEAST));
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

/// Factors of dropout of a tile; a loop, because many copies of the generator take long to compile.
fn factors(p: Params, line: vec4<u32>, quad: u32) -> mat4x4<f32> {
  var result = mat4x4<f32>();
  if (DROPOUT == 1u) {
    for (var i = 0u; i < 4u; i++) {
      result[i] = dropout_factors(p, line[i], quad);
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
  return offset4(entry * params.heads + head, params.mask_shape, params.mask_strides);
}
