// Gradients of attention with respect to keys and values. The weights p are computed again from the saved logsumexp:
//   dvalue_j = sum_i p[i, j] dy_i   dkey_j = scale sum_i dscore[i, j] query_i
// over all rows i of all heads that share the key, with p and dscore as in attention.backward_query.wgsl and dropout's
// factors on p in dvalue. Operands as in attention.forward.wgsl; dkey has the strides of key, dvalue those of value, in
// one tensor in the variant `packed`. One thread per four keys and chunk of columns, over tiles of four rows.
// rounds: (end_tile - first_tile) * (3 + width / 4 + value_width / 4 + 50 * DROPOUT) + 60
// variants: separate packed quadShuffle.separate quadShuffle.packed
import package::lib::attention::{
  ACCUMULATE, Blocks, FIRST_LOOPED, FOUR, KEY_BLOCKS, LOOPED, VALUE_BLOCKS, begin, dropped, dscores, dy_tile,
  dy_tiles, factors, key, key_block, key_width, limits_of, mask_begin, params, place_of, products, query_tile,
  query_tiles, scores, tile_order, tile_positions, value, value_block, value_width, weights,
};
import package::lib::grid::workgroup_index;

@if(quadShuffle) enable subgroups;
// Four neighbouring threads always take the same way: they share all that they branch on but their lane.
@if(quadShuffle) diagnostic(off, subgroup_uniformity);

// Specialized: as ACCUMULATE, for the values; whether several heads share the keys.
const ACCUMULATE_VALUE = 0u;
const GROUPED = 0u;

@group(0) @binding(7) var<storage, read> statistics: array<vec2<f32>>;
@group(0) @binding(8) var<storage, read_write> dkey: array<vec4<f32>>;
@if(separate) @group(0) @binding(9) var<storage, read_write> dvalue: array<vec4<f32>>;

/// Of the rows of a tile: the logsumexp, then delta.
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
) {
  let p = params;
  let columns = max(key_width(p), value_width(p));
  let place = place_of(workgroup_index(group, groups) * 64u + local, p.keys, p.heads / p.groups, columns);
  if (place.entry >= p.entries) {
    return;
  }
  let keys = min(place.own + FOUR, vec4<u32>(p.keys - 1u));
  let k_at = begin(p.key, place.entry, place.head, keys);
  let v_at = begin(p.value, place.entry, place.head, keys);
  let c = place.column;
  // A key is seen by the rows from its own position on.
  let start = select(0u, place.first, p.causal != 0u);
  @if(quadShuffle) var k = Blocks();
  @if(quadShuffle) var v = Blocks();
  @if(quadShuffle) for (var b = 0u; b < max(KEY_BLOCKS, VALUE_BLOCKS); b++) {
    for (var r = 0u; r < 4u; r++) {
      k[b][r] = key[k_at[r] / 4u + b];
      v[b][r] = value[v_at[r] / 4u + b];
    }
  }
  let order = tile_order(place.lane);
  var key_sum0 = mat4x4<f32>();
  var key_sum1 = mat4x4<f32>();
  var key_sum2 = mat4x4<f32>();
  var key_sum3 = mat4x4<f32>();
  var value_sum0 = mat4x4<f32>();
  var value_sum1 = mat4x4<f32>();
  var value_sum2 = mat4x4<f32>();
  var value_sum3 = mat4x4<f32>();
  let tiles = (max(p.rows, start) - start + 3u) / 4u;
  let end = min(tiles * p.groups, p.end_tile);
  for (var n = p.first_tile; n < end; n++) {
    // A division for each tile, and none with a single head.
    var of_group = 0u;
    if (GROUPED == 1u) {
      of_group = n / tiles;
    }
    let head = place.head * p.groups + of_group;
    let i = start + 4u * (n - of_group * tiles);
    let mask_at = mask_begin(place.entry, head);
    let head_line = (place.entry * p.heads + head) * p.rows;
    let positions = tile_positions(i, place.lane, p.rows);
    let q_at = begin(p.query, place.entry, head, positions);
    let y_at = begin(p.y, place.entry, head, positions);
    var q = Blocks();
    var g = Blocks();
    var s = mat4x4<f32>();
    var ds = mat4x4<f32>();
    @if(quadShuffle) {
      q = query_tiles(q_at, 0u);
      g = dy_tiles(y_at, 0u);
      s = products(k, q, KEY_BLOCKS);
      ds = products(v, g, VALUE_BLOCKS);
    }
    if (LOOPED == 1u) {
      for (var d = FIRST_LOOPED; d < key_width(p); d += 4u) {
        s += transpose(key_block(k_at, d)) * query_tile(q_at, d);
      }
      for (var d = FIRST_LOOPED; d < value_width(p); d += 4u) {
        ds += transpose(value_block(v_at, d)) * dy_tile(y_at, d);
      }
      q = query_tiles(q_at, c);
      g = dy_tiles(y_at, c);
    }
    let kept = statistics_of(head_line + positions);
    let rows = i + order;
    s = weights(scores(p, s, mask_at, rows, limits_of(p, rows), place.own + FOUR), kept[0]);
    let f = factors(p, head_line + min(rows, vec4<u32>(p.rows - 1u)), place.own / 4u, 0u);
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
    if (KEY_BLOCKS > 1u) {
      key_sum1 += q[1] * ds;
    }
    if (KEY_BLOCKS > 2u) {
      key_sum2 += q[2] * ds;
    }
    if (KEY_BLOCKS > 3u) {
      key_sum3 += q[3] * ds;
    }
  }
  let count = min(max(p.keys, place.own) - place.own, 4u);
  var key_sums = Blocks(key_sum0, key_sum1, key_sum2, key_sum3);
  var value_sums = Blocks(value_sum0, value_sum1, value_sum2, value_sum3);
  for (var b = 0u; b < max(KEY_BLOCKS, VALUE_BLOCKS); b++) {
    for (var r = 0u; r < count; r++) {
      if (c + 4u * b < p.width) {
        let i = (k_at[r] + c) / 4u + b;
        var sum = p.scale * key_sums[b][r];
        if (ACCUMULATE == 1u) {
          sum += dkey[i];
        }
        dkey[i] = sum;
      }
      if (c + 4u * b < p.value_width) {
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
