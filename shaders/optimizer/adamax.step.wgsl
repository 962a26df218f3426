// Adamax: Adam with the infinity norm, over a run of parameters, four elements at a time (n4 vectors).
//   g = sign * clip(grad_scale * scale[0] * grad) + l2 * p
//   m = beta1 * m + (1 - beta1) * g;  u = max(beta2 * u, |g| + eps);  p -= lr / (1 - beta1^t) * m / u
// step.h0 = lr / (1 - beta1^t), h1 = beta1, h2 = 1 - beta1. Source: Kingma & Ba 2015; torch.optim.Adamax.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed
// lowering reads: CLIPS REGULARIZES
import package::lib::optimizer::{gradient, larger, place, updated_range};
import package::lib::step::Step;

struct Params {
  n4: u32,
  sign: f32,
  beta2: f32,
  eps: f32,
  l2: f32,
  clip_value: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> u: array<vec4<f32>>;

@compute @workgroup_size(64)
fn adamax_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n4, scale[1]);
  let hyper = params;
  let factor = hyper.sign * step.grad_scale * scale[0];
  let h0 = step.h0;
  let beta1 = step.h1;
  let one_minus_beta1 = step.h2;
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = place(i);
    let old = p[at.x];
    let g = gradient(grad[at.y], factor, hyper.clip_value, old, hyper.l2);
    let mean = beta1 * m[at.y] + one_minus_beta1 * g;
    let norm = larger(hyper.beta2 * u[at.y], abs(g) + hyper.eps);
    m[at.y] = mean;
    u[at.y] = norm;
    p[at.x] = old - h0 * mean / norm;
  }
}
