// scale[0] = min(1, max_norm / (norm + 1e-6)), scale[1] = norm = sqrt(sum of partials): what clipping by norm
// multiplies every gradient with. Source: torch.nn.utils.clip_grad_norm_.

struct Params { count: u32, max_norm: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> scale: array<f32>;

@compute @workgroup_size(1)
fn grad_norm_scale() {
  var total = 0.0;
  for (var i = 0u; i < params.count; i++) {
    total += partials[i];
  }
  let norm = sqrt(total);
  scale[0] = min(1.0, params.max_norm / (norm + 1e-6));
  scale[1] = norm;
}
