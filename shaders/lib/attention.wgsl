// What the attention kernels share: their operands, tiles of scores, masks and dropout.
// query, key, value and y may each be a part of a larger tensor, such as the three parts of one packed projection:
// element d of a position lies at offset + batch * .y + head * .z + position * .w + d of its strides (offset, y, z, w).
// Head dimensions and strides are multiples of 4. Blocks and tiles: lib/attention_tile.wgsl.
import package::lib::float::are_nan;
import package::lib::offset::offset4;
import package::lib::philox::philox;
import package::lib::step::Step;

const FOUR = vec4<u32>(0u, 1u, 2u, 3u);

/// Stands for the score of a pair that may not look at each other; finite, because WGSL knows no infinity.
const HIDDEN = -2e38;
/// Scores that count are at least this.
const LEAST = -1e38;
/// logsumexp of a query without any key to look at: its weights become exp(score - EMPTY) = 0.
const EMPTY = 2e38;

// shared with the host
const MASK_BOOLEAN = 1u;
const MASK_ADDITIVE = 2u;

// Compile-time constants, because code that is never run takes long to compile: 0, MASK_BOOLEAN or MASK_ADDITIVE;
// whether weights
// are dropped; blocks of four elements of a chunk of query and key, and of value and y; whether either has more than one
// chunk.
const MASK = 0u;
const DROPOUT = 0u;
const HEAD_BLOCKS = 1u;
const VALUE_BLOCKS = 1u;
const WIDE = 0u;
// Whether gradients are added to what is there.
const ACCUMULATE = 0u;

struct Params {
  query: vec4<u32>,
  key: vec4<u32>,
  value: vec4<u32>,
  y: vec4<u32>,
  mask_shape: vec4<u32>,
  mask_strides: vec4<u32>,
  batch: u32,
  /// Query heads of a batch element; `groups` neighbouring ones share a key and value head.
  heads: u32,
  groups: u32,
  queries: u32,
  keys: u32,
  head_dim: u32,
  value_dim: u32,
  causal: u32,
  scale: f32,
  mask_row: u32,
  mask_key: u32,
  /// p * 2^32.
  threshold: u32,
  keep_scale: f32,
  node: u32,
  /// The tiles of keys (or queries) that this dispatch goes over; long sequences take several dispatches.
  first_tile: u32,
  end_tile: u32,
  /// Which of a query's two statistics the forward pass writes its logsumexp to.
  slot: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> query: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> key: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> value: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> mask: array<f32>;
@group(0) @binding(6) var<storage, read> dy: array<vec4<f32>>;

// The functions below take `params` as a value: CPU adapters take long to read a uniform within a loop.

/// How many keys each of four queries may look at; a query beyond the last looks at none.
fn limits_of(p: Params, queries: vec4<u32>) -> vec4<u32> {
  let all = vec4<u32>(p.keys);
  let limits = select(all, min(all, queries + 1u), p.causal != 0u);
  return select(vec4<u32>(), limits, queries < vec4<u32>(p.queries));
}

/// The scores of one query, which looks at `limit` keys, and four keys, from their products: scaled, with the mask applied,
/// which is 0 where nothing may be seen if boolean, -Infinity if additive.
fn score(p: Params, product: vec4<f32>, mask_at: u32, query_index: u32, limit: u32, keys: vec4<u32>) -> vec4<f32> {
  var result = product * p.scale;
  var hidden = keys >= vec4<u32>(limit);
  if (MASK != 0u) {
    let at = mask_at + min(query_index, p.queries - 1u) * p.mask_row + min(keys, vec4<u32>(p.keys - 1u)) * p.mask_key;
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
  queries: vec4<u32>,
  limits: vec4<u32>,
  keys: vec4<u32>,
) -> mat4x4<f32> {
  return mat4x4<f32>(
    score(p, products[0], mask_at, queries.x, limits.x, keys),
    score(p, products[1], mask_at, queries.y, limits.y, keys),
    score(p, products[2], mask_at, queries.z, limits.z, keys),
    score(p, products[3], mask_at, queries.w, limits.w, keys),
  );
}

/// exp(score - shift), 0 for hidden scores.
fn weight(scores_of_query: vec4<f32>, shift: f32) -> vec4<f32> {
  let x = scores_of_query - shift;
  return select(select(exp(x), x, are_nan(x)), vec4<f32>(), scores_of_query < vec4<f32>(LEAST));
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

/// Factors of dropout for one query (of all heads) and the keys 4 * quad to 4 * quad + 3: 0, or keep_scale where a random
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
fn mask_begin(batch: u32, head: u32) -> u32 {
  if (MASK == 0u) {
    return 0u;
  }
  return offset4(batch * params.heads + head, params.mask_shape, params.mask_strides);
}
