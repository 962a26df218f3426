// Adagrad over a run of parameters, four elements at a time (n4 vectors).
//   g = sign * clip(grad_scale * scale[0] * grad) + l2 * p
//   sum = sum + g^2, from `initial` on;  p -= lr / (1 + (t - 1) * lr_decay) * g / (sqrt(sum) + eps)
// step.h0 = lr / (1 + (t - 1) * lr_decay), h1 is 1 at the first step, else 0. Source: Duchi et al. 2011;
// torch.optim.Adagrad.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed
// lowering reads: CLIPS REGULARIZES
import package::lib::optimizer::{gradient, place, updated_range};
import package::lib::step::Step;

struct Params {
  n4: u32,
  sign: f32,
  initial: f32,
  eps: f32,
  l2: f32,
  clip_value: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> sum: array<vec4<f32>>;

@compute @workgroup_size(64)
fn adagrad_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n4, scale[1]);
  let hyper = params;
  let factor = hyper.sign * step.grad_scale * scale[0];
  let h0 = step.h0;
  let first = vec4<bool>(step.h1 != 0.0);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = place(i);
    let old = p[at.x];
    let g = gradient(grad[at.y], factor, hyper.clip_value, old, hyper.l2);
    let total = select(sum[at.y], vec4<f32>(hyper.initial), first) + g * g;
    sum[at.y] = total;
    p[at.x] = old - h0 * (g / (sqrt(total) + hyper.eps));
  }
}
