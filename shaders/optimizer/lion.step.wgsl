// Lion over a run of parameters, four elements at a time (n4 vectors).
//   g = sign * clip(grad_scale * scale[0] * grad);  p *= 1 - lr * decay
//   p -= lr * sign(beta1 * m + (1 - beta1) * g);  m = beta2 * m + (1 - beta2) * g
// NaN has no sign and stays NaN. step.h0 = beta1, h1 = 1 - beta1. Source: Chen et al. 2023.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed
// lowering reads: CLIPS REGULARIZES
import package::lib::optimizer::{clip, is_nan4, place, updated_range};
import package::lib::step::Step;

struct Params {
  n4: u32,
  sign: f32,
  beta2: f32,
  one_minus_beta2: f32,
  decay: f32,
  clip_value: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4<f32>>;

@compute @workgroup_size(64)
fn lion_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n4, scale[1]);
  let hyper = params;
  let factor = hyper.sign * step.grad_scale * scale[0];
  let lr = step.lr;
  let keep = 1.0 - step.lr * params.decay;
  let beta1 = step.h0;
  let one_minus_beta1 = step.h1;
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = place(i);
    let old = p[at.x];
    let g = clip(grad[at.y] * factor, hyper.clip_value);
    let average = m[at.y];
    let direction = beta1 * average + one_minus_beta1 * g;
    m[at.y] = hyper.beta2 * average + hyper.one_minus_beta2 * g;
    p[at.x] = old * keep - lr * select(sign(direction), direction, is_nan4(direction));
  }
}
