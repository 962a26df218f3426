// Recurrent dropout: one mask for each sequence and direction, which all time steps share, on the hidden state before
// the recurrent product. Words come from Philox with the seed as key and (unit / 4, step, node) as counter, where unit
// counts the units of all sequences; a unit is kept when its word is at least drop_threshold = p * 2^32, and scaled.
// Source: Gal & Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks", 2016.
import package::lib::philox::philox;
import package::lib::recurrent::{LANE, Lane, params};
import package::lib::step::Step;

/// Compile-time constant: 1 where units are dropped.
const DROP = 0u;

@group(0) @binding(9) var<uniform> step: Step;

/// What lane j of sequence n has of `h` in the recurrent product.
fn dropped(n: u32, j: u32, h: Lane) -> Lane {
  if (DROP == 0u) {
    return h;
  }
  let unit = n * params.hidden + j * LANE;
  let key = vec2<u32>(step.seed_lo, step.seed_hi);
  let words = philox(key, vec4<u32>(unit / 4u, step.index, params.drop_node, 0u));
  @if(wide) let kept = words >= vec4<u32>(params.drop_threshold);
  @if(narrow) let kept = words[unit & 3u] >= params.drop_threshold;
  return select(Lane(), h * params.drop_scale, kept);
}
