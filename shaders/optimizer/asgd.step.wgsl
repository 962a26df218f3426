// Averaged stochastic gradient descent over a run of parameters, four elements at a time (n4 vectors).
//   g = sign * clip(grad_scale * scale[0] * grad) + l2 * p;  p = p * (1 - lambd * eta) - eta * g
//   ax = mu = 1 ? p : ax + (p - ax) * mu
// step.h0 = eta, h1 = 1 - lambd * eta, h2 = mu. Source: Polyak & Juditsky 1992; torch.optim.ASGD.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed
// lowering reads: CLIPS REGULARIZES
import package::lib::optimizer::{gradient, place, updated_range};
import package::lib::step::Step;

struct Params {
  n4: u32,
  sign: f32,
  l2: f32,
  clip_value: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> ax: array<vec4<f32>>;

@compute @workgroup_size(64)
fn asgd_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n4, scale[1]);
  let hyper = params;
  let factor = hyper.sign * step.grad_scale * scale[0];
  let eta = step.h0;
  let keep = step.h1;
  let mu = step.h2;
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = place(i);
    let old = p[at.x];
    let g = gradient(grad[at.y], factor, hyper.clip_value, old, hyper.l2);
    let next = old * keep - eta * g;
    let average = ax[at.y];
    ax[at.y] = select(average + (next - average) * mu, next, vec4<bool>(mu == 1.0));
    p[at.x] = next;
  }
}
