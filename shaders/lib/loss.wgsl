// What the kernels of losses share.
import package::lib::float::nan;
import package::lib::group_sum::group_sum2;

/// Threads per workgroup.
@if(!quadShuffle) const GROUP = 64u;
@if(quadShuffle) const GROUP = 4u;

/// The sum over a workgroup, for all its invocations. Call it in uniform control flow.
fn workgroup_sum(value: vec2<f32>, local: u32) -> vec2<f32> {
  @if(!quadShuffle) return group_sum2(value, local);
  @if(quadShuffle) let pair = value + quadSwapX(value);
  @if(quadShuffle) return pair + quadSwapY(pair);
}

/// The loss from sums of (loss, weight): their quotient when `weighted` (NaN when nothing has weight, as in PyTorch),
/// else the scaled sum.
fn finish(sum: vec2<f32>, weighted: u32, scale: f32) -> f32 {
  if (weighted == 0u) {
    return sum.x * scale;
  }
  return select(sum.x / sum.y, nan(), sum.y == 0.0);
}
