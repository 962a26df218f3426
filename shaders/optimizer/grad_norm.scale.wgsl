// norm = |grad_scale| * (sum of partials)^(1/p), or times the largest of them; scale[0] = min(1, max_norm / (norm + 1e-6)):
// what clipping by norm multiplies every gradient with; NaN stays NaN. scale[1] = 1 where the norm is not finite and that is
// refused: nothing is updated then. Source: torch.nn.utils.clip_grad_norm_.
// rounds: count
// variants: two one any most
import package::lib::float::{is_inf, is_nan, min_nan};
@if(most) import package::lib::float::max_nan;
@if(any) import package::lib::optimizer::power;
import package::lib::step::Step;

struct Params {
  count: u32,
  max_norm: f32,
  refuses: u32,
  @if(any) p: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> partials: array<f32>;
@group(0) @binding(3) var<storage, read_write> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> norm: array<f32>;

@compute @workgroup_size(1)
fn grad_norm_scale() {
  var total = 0.0;
  for (var i = 0u; i < params.count; i++) {
    @if(!most) total += partials[i];
    @if(most) total = max_nan(total, partials[i]);
  }
  @if(two) let root = sqrt(total);
  @if(any) let root = power(vec4<f32>(total), 1.0 / params.p).x;
  @if(one || most) let root = total;
  let length = abs(step.grad_scale) * root;
  scale[0] = min_nan(params.max_norm / (length + 1e-6), 1.0);
  scale[1] = f32(params.refuses != 0u && (is_nan(length) || is_inf(length)));
  norm[0] = length;
}
