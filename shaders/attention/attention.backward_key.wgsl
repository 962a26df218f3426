// Gradients of attention with respect to keys and values. The weights p are recomputed from the saved logsumexp:
//   dvalue_j = sum_i p[i, j] dy_i   dkey_j = scale sum_i dscore[i, j] query_i
// over all queries i of all heads that share the key, with p and dscore as in attention.backward_query.wgsl and dropout's
// factors on p in dvalue. Operands as in attention.forward.wgsl; dkey has the strides of key, dvalue those of value, in
// one tensor in the variant `packed`. One thread per four keys and chunk of columns, over tiles of four queries.
// rounds: (end_tile - first_tile) * (3 + head_dim / 4 + value_dim / 4 + 50 * DROPOUT) + 60
// variants: separate packed quadShuffle.separate quadShuffle.packed
// conditions: by_key
import package::lib::attention::{
  ACCUMULATE, FOUR, HEAD_BLOCKS, VALUE_BLOCKS, dropped, dscores, factors, limits_of, mask_begin, params, scores,
  weights,
};
import package::lib::attention_tile::{
  Blocks, FIRST_LOOPED, GRADIENT, LOOPED, SCORE, begin, head_dim_of, own_block, own_blocks, place_of, products,
  tile_block, tile_blocks, tile_order, tile_positions, value_dim_of,
};
import package::lib::grid::workgroup_index;

@if(quadShuffle) enable subgroups;
// Control flow is quad-uniform.
@if(quadShuffle) diagnostic(off, subgroup_uniformity);

// Compile-time constants: as ACCUMULATE, for the values; whether several heads share the keys.
const ACCUMULATE_VALUE = 0u;
const GROUPED = 0u;

@group(0) @binding(7) var<storage, read> statistics: array<vec2<f32>>;
@group(0) @binding(8) var<storage, read_write> dkey: array<vec4<f32>>;
@if(separate) @group(0) @binding(9) var<storage, read_write> dvalue: array<vec4<f32>>;

/// Of the queries of a tile: the logsumexp, then delta.
fn statistics_of(line: vec4<u32>) -> mat2x4<f32> {
  @if(!quadShuffle) let rows = mat4x2<f32>(statistics[line.x], statistics[line.y], statistics[line.z], statistics[line.w]);
  @if(quadShuffle) let own = statistics[line.x];
  @if(quadShuffle) let rows = mat4x2<f32>(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
  return transpose(rows);
}

@compute @workgroup_size(64)
fn attention_backward_key(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
  @if(quadShuffle) @builtin(subgroup_invocation_id) invocation: u32,
) {
  let p = params;
  @if(quadShuffle) let lane = invocation % 4u;
  @if(!quadShuffle) let lane = 0u;
  let columns = max(head_dim_of(p), value_dim_of(p));
  let thread = workgroup_index(group, groups) * 64u + local;
  let place = place_of(thread, lane, p.keys, p.heads / p.groups, columns);
  if (place.batch >= p.batch) {
    return;
  }
  let keys = min(place.own + FOUR, vec4<u32>(p.keys - 1u));
  let k_at = begin(p.key, place.batch, place.head, keys);
  let v_at = begin(p.value, place.batch, place.head, keys);
  let c = place.column;
  // A key is seen by the queries from its own position on.
  let start = select(0u, place.first, p.causal != 0u);
  @if(quadShuffle) let k = own_blocks(SCORE, k_at, HEAD_BLOCKS);
  @if(quadShuffle) let v = own_blocks(GRADIENT, v_at, VALUE_BLOCKS);
  let order = tile_order(place.lane);
  var key_sum0 = mat4x4<f32>();
  var key_sum1 = mat4x4<f32>();
  var key_sum2 = mat4x4<f32>();
  var key_sum3 = mat4x4<f32>();
  var value_sum0 = mat4x4<f32>();
  var value_sum1 = mat4x4<f32>();
  var value_sum2 = mat4x4<f32>();
  var value_sum3 = mat4x4<f32>();
  let tiles = (max(p.queries, start) - start + 3u) / 4u;
  let end = min(tiles * p.groups, p.end_tile);
  for (var n = p.first_tile; n < end; n++) {
    // A division for each tile, and none with a single head.
    var of_group = 0u;
    if (GROUPED == 1u) {
      of_group = n / tiles;
    }
    let head = place.head * p.groups + of_group;
    let i = start + 4u * (n - of_group * tiles);
    let mask_at = mask_begin(place.batch, head);
    let head_line = (place.batch * p.heads + head) * p.queries;
    let positions = tile_positions(i, place.lane, p.queries);
    let q_at = begin(p.query, place.batch, head, positions);
    let y_at = begin(p.y, place.batch, head, positions);
    var q = Blocks();
    var g = Blocks();
    var s = mat4x4<f32>();
    var ds = mat4x4<f32>();
    @if(quadShuffle) {
      q = tile_blocks(SCORE, q_at, 0u, HEAD_BLOCKS);
      g = tile_blocks(GRADIENT, y_at, 0u, VALUE_BLOCKS);
      s = products(k, q, HEAD_BLOCKS);
      ds = products(v, g, VALUE_BLOCKS);
    }
    if (LOOPED == 1u) {
      for (var d = FIRST_LOOPED; d < head_dim_of(p); d += 4u) {
        s += transpose(own_block(SCORE, k_at, d)) * tile_block(SCORE, q_at, d);
      }
      for (var d = FIRST_LOOPED; d < value_dim_of(p); d += 4u) {
        ds += transpose(own_block(GRADIENT, v_at, d)) * tile_block(GRADIENT, y_at, d);
      }
      q = tile_blocks(SCORE, q_at, c, HEAD_BLOCKS);
      g = tile_blocks(GRADIENT, y_at, c, VALUE_BLOCKS);
    }
    let kept = statistics_of(head_line + positions);
    let queries = i + order;
    s = weights(scores(p, s, mask_at, queries, limits_of(p, queries), place.own + FOUR), kept[0]);
    let f = factors(p, head_line + min(queries, vec4<u32>(p.queries - 1u)), place.own / 4u, 0u);
    ds = transpose(dscores(s, dropped(ds, f), kept[1]));
    s = transpose(dropped(s, f));
    value_sum0 += g[0] * s;
    if (VALUE_BLOCKS > 1u) {
      value_sum1 += g[1] * s;
    }
    if (VALUE_BLOCKS > 2u) {
      value_sum2 += g[2] * s;
    }
    if (VALUE_BLOCKS > 3u) {
      value_sum3 += g[3] * s;
    }
    key_sum0 += q[0] * ds;
    if (HEAD_BLOCKS > 1u) {
      key_sum1 += q[1] * ds;
    }
    if (HEAD_BLOCKS > 2u) {
      key_sum2 += q[2] * ds;
    }
    if (HEAD_BLOCKS > 3u) {
      key_sum3 += q[3] * ds;
    }
  }
  let count = min(max(p.keys, place.own) - place.own, 4u);
  var key_sums = Blocks(key_sum0, key_sum1, key_sum2, key_sum3);
  var value_sums = Blocks(value_sum0, value_sum1, value_sum2, value_sum3);
  for (var b = 0u; b < max(HEAD_BLOCKS, VALUE_BLOCKS); b++) {
    for (var r = 0u; r < count; r++) {
      if (c + 4u * b < p.head_dim) {
        let i = (k_at[r] + c) / 4u + b;
        var sum = p.scale * key_sums[b][r];
        if (ACCUMULATE == 1u) {
          sum += dkey[i];
        }
        dkey[i] = sum;
      }
      if (c + 4u * b < p.value_dim) {
        let i = (v_at[r] + c) / 4u + b;
        var sum = value_sums[b][r];
        @if(separate) {
          if (ACCUMULATE_VALUE == 1u) {
            sum += dvalue[i];
          }
          dvalue[i] = sum;
        }
        @if(packed) {
          if (ACCUMULATE_VALUE == 1u) {
            sum += dkey[i];
          }
          dkey[i] = sum;
        }
      }
    }
  }
}
