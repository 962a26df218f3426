// RAdam: Adam with rectified variance, over a run of parameters, four elements at a time (n4 vectors).
//   g = sign * clip(grad_scale * scale[0] * grad) + l2 * p           (decoupled weight decay: p *= 1 - lr * decay)
//   m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g^2
//   p -= h0 * m * (h1 > 0 ? h1 / (sqrt(v) + eps) : 1)
// step.h0 = lr / (1 - beta1^t), h1 = r_t * sqrt(1 - beta2^t) once rho_t > 5, else 0, h2 = beta1, h3 = 1 - beta1.
// Source: Liu et al. 2020; torch.optim.RAdam.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed
// lowering reads: CLIPS REGULARIZES
import package::lib::optimizer::{gradient, place, updated_range};
import package::lib::step::Step;

struct Params {
  n4: u32,
  sign: f32,
  beta2: f32,
  one_minus_beta2: f32,
  eps: f32,
  l2: f32,
  decay: f32,
  clip_value: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4<f32>>;

@compute @workgroup_size(64)
fn radam_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n4, scale[1]);
  let hyper = params;
  let factor = hyper.sign * step.grad_scale * scale[0];
  let keep = 1.0 - step.lr * params.decay;
  let h0 = step.h0;
  let h1 = step.h1;
  let beta1 = step.h2;
  let one_minus_beta1 = step.h3;
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = place(i);
    let old = p[at.x];
    let g = gradient(grad[at.y], factor, hyper.clip_value, old, hyper.l2);
    let mean = beta1 * m[at.y] + one_minus_beta1 * g;
    let square = hyper.beta2 * v[at.y] + hyper.one_minus_beta2 * g * g;
    m[at.y] = mean;
    v[at.y] = square;
    let rate = select(h1 / (sqrt(square) + hyper.eps), vec4<f32>(1.0), vec4<bool>(h1 == 0.0));
    p[at.x] = old * keep - h0 * mean * rate;
  }
}
