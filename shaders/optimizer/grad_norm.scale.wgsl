// norm = |grad_scale| * sqrt(sum of partials), scale[0] = min(1, max_norm / (norm + 1e-6)): what clipping by norm
// multiplies every gradient with; NaN stays NaN. Source: torch.nn.utils.clip_grad_norm_.
// rounds: count
import package::lib::float::min_nan;
import package::lib::step::Step;

struct Params { count: u32, max_norm: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> partials: array<f32>;
@group(0) @binding(3) var<storage, read_write> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> norm: array<f32>;

@compute @workgroup_size(1)
fn grad_norm_scale() {
  var total = 0.0;
  for (var i = 0u; i < params.count; i++) {
    total += partials[i];
  }
  let length = abs(step.grad_scale) * sqrt(total);
  scale[0] = min_nan(params.max_norm / (length + 1e-6), 1.0);
  norm[0] = length;
}
