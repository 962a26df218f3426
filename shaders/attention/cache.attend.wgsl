// Attention of new tokens to a cache of keys and values, causal by position:
//   y[n, t, h] = sum_j softmax_j(scale <query[n, t, h], keys[sources[n, j], j, h]>) values[sources[n, j], j, h]
// over j = 0 .. positions[n, t]; a negative position (padding) gives 0. `sources` says in which row of the cache the
// token at position j of sequence n lies, so that sequences which branch off one another share their past.
// qkv [batch, steps, 3 width] holds the queries in its first part, keys and values are [rows, capacity, width] with
// heads side by side, y [batch, steps, width]. One workgroup per query and head, with an online softmax over tiles
// of 64 keys: a thread per key for the scores, then a thread per channel, which holds its running sum in y.
// rounds: (end_tile - first_tile) * (5 + width / heads + 128 + 67 * ceil(width / heads / 64)) + 2 * ceil(width / heads / 64)
// lowering reads: TILE
import package::lib::float::exp_nan;
import package::lib::grid::workgroup_index;

const TILE = 64u;
/// Below every score, and finite so that differences are no NaN.
const LOWEST = -3.0e38;

struct Params {
  queries: u32, steps: u32, heads: u32, width: u32, capacity: u32, scale: f32,
  /// The tiles of this dispatch; long caches take several, between which y and `state` hold the sums so far.
  first_tile: u32,
  end_tile: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read> keys: array<f32>;
@group(0) @binding(3) var<storage, read> values: array<f32>;
@group(0) @binding(4) var<storage, read> positions: array<i32>;
@group(0) @binding(5) var<storage, read> sources: array<i32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
/// The largest score of each query, and the sum of the weights.
@group(0) @binding(7) var<storage, read_write> state: array<vec2<f32>>;

var<workgroup> scores: array<f32, TILE>;
var<workgroup> rows: array<u32, TILE>;

@compute @workgroup_size(64)
fn cache_attend(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let query = workgroup_index(group, groups);
  if (query >= params.queries) {
    return;
  }
  let line = query / params.heads;
  let sequence = line / params.steps;
  let size = params.width / params.heads;
  let head = query % params.heads * size;
  let q_at = line * 3u * params.width + head;
  let y_at = line * params.width + head;
  let limit = min(u32(max(positions[line] + 1, 0)), params.capacity);
  var largest = LOWEST;
  var total = 0.0;
  if (params.first_tile == 0u) {
    for (var d = local; d < size; d += TILE) {
      y[y_at + d] = 0.0;
    }
  } else {
    largest = state[query].x;
    total = state[query].y;
  }
  let end = min(limit, TILE * params.end_tile);
  for (var first = TILE * params.first_tile; first < end; first += TILE) {
    let j = first + local;
    var score = LOWEST;
    var row = 0u;
    if (j < limit) {
      row = (u32(sources[sequence * params.capacity + j]) * params.capacity + j) * params.width + head;
      score = 0.0;
      for (var d = 0u; d < size; d++) {
        score += qkv[q_at + d] * keys[row + d];
      }
      score *= params.scale;
    }
    scores[local] = score;
    rows[local] = row;
    workgroupBarrier();
    let count = min(TILE, limit - first);
    let before = largest;
    for (var i = 0u; i < count; i++) {
      largest = max(largest, scores[i]);
    }
    // A largest score that loses a NaN is made good by the sum of the weights.
    let shrink = exp_nan(before - largest);
    total *= shrink;
    for (var i = 0u; i < count; i++) {
      total += exp_nan(scores[i] - largest);
    }
    for (var d = local; d < size; d += TILE) {
      var sum = shrink * y[y_at + d];
      for (var i = 0u; i < count; i++) {
        sum += exp(scores[i] - largest) * values[rows[i] + d];
      }
      y[y_at + d] = sum;
    }
    workgroupBarrier();
  }
  if (TILE * params.end_tile < params.capacity) {
    if (local == 0u) {
      state[query] = vec2<f32>(largest, total);
    }
    return;
  }
  let inverse = select(1.0 / total, 0.0, limit == 0u);
  for (var d = local; d < size; d += TILE) {
    y[y_at + d] *= inverse;
  }
}
