// What the kernels of losses share.
import package::lib::float::nan;

/// The loss from sums of (loss, weight): their quotient when `weighted` (NaN when nothing has weight, as in PyTorch),
/// else the scaled sum.
fn finish(sum: vec2<f32>, weighted: u32, scale: f32) -> f32 {
  if (weighted == 0u) {
    return sum.x * scale;
  }
  return select(sum.x / sum.y, nan(), sum.y == 0.0);
}
