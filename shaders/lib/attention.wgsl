// What the attention kernels share: which scores count, and dropout. Scores are handled in tiles, mat4x4 with a
// position of the loop in each column and the four positions of the thread in the rows.
import package::lib::philox::philox;

/// Stands for the score of a pair that may not look at each other; finite, because WGSL knows no infinity.
const HIDDEN = -2e38;
/// Scores that count are at least this.
const LEAST = -1e38;
/// logsumexp of a row without any key to look at: its weights become exp(score - EMPTY) = 0.
const EMPTY = 2e38;

const MASK_BOOLEAN = 1u;
const MASK_ADDITIVE = 2u;

/// Scores with the values of the mask applied: a boolean mask is 0 where nothing may be seen, an additive one
/// -Infinity.
fn masked(score: vec4<f32>, mask: vec4<f32>, kind: u32, hidden: vec4<bool>) -> vec4<f32> {
  if (kind == MASK_BOOLEAN) {
    return select(max(score, vec4<f32>(LEAST)), vec4<f32>(HIDDEN), hidden | (mask == vec4<f32>(0.0)));
  }
  if (kind == MASK_ADDITIVE) {
    let infinite = bitcast<vec4<u32>>(mask) == vec4<u32>(0xff800000u);
    return select(max(score + mask, vec4<f32>(LEAST)), vec4<f32>(HIDDEN), hidden | infinite);
  }
  return select(max(score, vec4<f32>(LEAST)), vec4<f32>(HIDDEN), hidden);
}

/// exp(score - shift), 0 for hidden scores.
fn weight(score: vec4<f32>, shift: vec4<f32>) -> vec4<f32> {
  return select(exp(score - shift), vec4<f32>(), score < vec4<f32>(LEAST));
}

/// Factors of dropout for the keys 4 * quad to 4 * quad + 3 of one row of weights: 0, or `scale` where a random word
/// is at least `threshold` = p * 2^32. The backward kernels draw the same words again.
fn dropout_factors(
  seed: vec2<u32>,
  quad: u32,
  row: u32,
  step: u32,
  node: u32,
  threshold: u32,
  scale: f32,
) -> vec4<f32> {
  let words = philox(seed, vec4<u32>(quad, step, node, row));
  return select(vec4<f32>(), vec4<f32>(scale), words >= vec4<u32>(threshold));
}
