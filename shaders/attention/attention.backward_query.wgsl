// Gradient of attention with respect to the queries. The weights p are recomputed from the saved logsumexp:
//   dp[i, j] = <dy_i, value_j>   dscore = p (dp - delta_i)   dquery_i = scale sum_j dscore[i, j] key_j
// with delta_i = <dy_i, y_i>, which is the sum over keys of p dp; dropout's factors apply to dp. delta becomes the
// second of each pair of the statistics, for the kernels that follow. Operands as in attention.forward.wgsl; dy has the
// strides of y, dquery those of query. One thread per four queries and chunk of columns, over tiles of four keys.
// rounds: (end_tile - first_tile) * (3 + head_dim / 4 + value_dim / 4 + 50 * DROPOUT) + 6 * value_dim / 4 + 60
// variants: plain quadShuffle
import package::lib::attention::{
  ACCUMULATE, FOUR, HEAD_BLOCKS, VALUE_BLOCKS, dropped, dscores, dy, factors, limits_of, mask_begin, params, query,
  scores, weights,
};
import package::lib::attention_tile::{
  Blocks, FIRST_LOOPED, GRADIENT, LOOPED, SCORE, TEAM, begin, head_dim_of, own_block, own_blocks, place_of, products,
  tile_block, tile_blocks, tile_order, tile_positions, value_dim_of,
};
import package::lib::grid::workgroup_index;

@if(quadShuffle) enable subgroups;
// Control flow is quad-uniform.
@if(quadShuffle) diagnostic(off, subgroup_uniformity);

@group(0) @binding(7) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(9) var<storage, read_write> dquery: array<vec4<f32>>;

@compute @workgroup_size(64)
fn attention_backward_query(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
  @if(quadShuffle) @builtin(subgroup_invocation_id) invocation: u32,
) {
  let p = params;
  @if(quadShuffle) let lane = invocation % 4u;
  @if(!quadShuffle) let lane = 0u;
  let thread = workgroup_index(group, groups) * 64u + local;
  let place = place_of(thread, lane, p.queries, p.heads, head_dim_of(p));
  if (place.batch >= p.batch) {
    return;
  }
  let queries = min(place.own + FOUR, vec4<u32>(p.queries - 1u));
  let line = (place.batch * p.heads + place.head) * p.queries + queries;
  let q_at = begin(p.query, place.batch, place.head, queries);
  let y_at = begin(p.y, place.batch, place.head, queries);
  let mask_at = mask_begin(place.batch, place.head);
  let kv_head = place.head / p.groups;
  let seen = select(p.keys, min(p.keys, place.first + 4u * TEAM), p.causal != 0u);
  let limit = min(seen, 4u * p.end_tile);
  let c = place.column;
  @if(quadShuffle) let q = own_blocks(SCORE, q_at, HEAD_BLOCKS);
  @if(quadShuffle) var g = Blocks();
  var delta = vec4<f32>();
  for (var d = 0u; d < value_dim_of(p); d += 4u) {
    for (var r = 0u; r < 4u; r++) {
      let i = (y_at[r] + d) / 4u;
      let part = dy[i];
      delta[r] += dot(part, y[i]);
      @if(quadShuffle) if (d < FIRST_LOOPED) {
        g[d / 4u][r] = part;
      }
    }
  }
  var logsumexp = vec4<f32>();
  for (var r = 0u; r < 4u; r++) {
    let at = 2u * line[r];
    logsumexp[r] = statistics[at];
    if (c == 0u) {
      statistics[at + 1u] = delta[r];
    }
  }
  let order = tile_order(place.lane);
  let limits = limits_of(p, queries);
  var sum0 = mat4x4<f32>();
  var sum1 = mat4x4<f32>();
  var sum2 = mat4x4<f32>();
  var sum3 = mat4x4<f32>();
  for (var j = 4u * p.first_tile; j < limit; j += 4u) {
    let positions = tile_positions(j, place.lane, p.keys);
    let k_at = begin(p.key, place.batch, kv_head, positions);
    let v_at = begin(p.value, place.batch, kv_head, positions);
    var k = Blocks();
    var s = mat4x4<f32>();
    var ds = mat4x4<f32>();
    @if(quadShuffle) {
      k = tile_blocks(SCORE, k_at, 0u, HEAD_BLOCKS);
      s = products(k, q, HEAD_BLOCKS);
      ds = products(tile_blocks(GRADIENT, v_at, 0u, VALUE_BLOCKS), g, VALUE_BLOCKS);
    }
    if (LOOPED == 1u) {
      for (var d = FIRST_LOOPED; d < head_dim_of(p); d += 4u) {
        s += transpose(tile_block(SCORE, k_at, d)) * own_block(SCORE, q_at, d);
      }
      for (var d = FIRST_LOOPED; d < value_dim_of(p); d += 4u) {
        ds += transpose(tile_block(GRADIENT, v_at, d)) * own_block(GRADIENT, y_at, d);
      }
      k = tile_blocks(SCORE, k_at, c, HEAD_BLOCKS);
    }
    s = weights(scores(p, s, mask_at, queries, limits, j + order), logsumexp);
    s = dscores(s, dropped(ds, factors(p, line, j / 4u, place.lane)), delta);
    sum0 += k[0] * s;
    if (HEAD_BLOCKS > 1u) {
      sum1 += k[1] * s;
    }
    if (HEAD_BLOCKS > 2u) {
      sum2 += k[2] * s;
    }
    if (HEAD_BLOCKS > 3u) {
      sum3 += k[3] * s;
    }
  }
  var sums = Blocks(sum0, sum1, sum2, sum3);
  let count = min(max(p.queries, place.own) - place.own, 4u);
  for (var d = c; d < min(c + 4u * HEAD_BLOCKS, head_dim_of(p)); d += 4u) {
    for (var r = 0u; r < count; r++) {
      let i = (q_at[r] + d) / 4u;
      var value = p.scale * sums[(d - c) / 4u][r];
      if (ACCUMULATE == 1u) {
        value += dquery[i];
      }
      dquery[i] = value;
    }
  }
}
