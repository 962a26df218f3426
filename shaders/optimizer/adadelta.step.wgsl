// Adadelta over a run of parameters, four elements at a time (n4 vectors).
//   g = sign * clip(grad_scale * scale[0] * grad) + l2 * p;  v = rho * v + (1 - rho) * g^2
//   d = sqrt(acc + eps) / sqrt(v + eps) * g;  acc = rho * acc + (1 - rho) * d^2;  p -= lr * d
// Source: Zeiler 2012; torch.optim.Adadelta.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed
// lowering reads: CLIPS REGULARIZES
import package::lib::optimizer::{gradient, place, updated_range};
import package::lib::step::Step;

struct Params {
  n4: u32,
  sign: f32,
  rho: f32,
  one_minus_rho: f32,
  eps: f32,
  l2: f32,
  clip_value: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> v: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> acc: array<vec4<f32>>;

@compute @workgroup_size(64)
fn adadelta_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n4, scale[1]);
  let hyper = params;
  let factor = hyper.sign * step.grad_scale * scale[0];
  let lr = step.lr;
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = place(i);
    let old = p[at.x];
    let g = gradient(grad[at.y], factor, hyper.clip_value, old, hyper.l2);
    let square = hyper.rho * v[at.y] + hyper.one_minus_rho * g * g;
    let acc_old = acc[at.y];
    let delta = sqrt(acc_old + hyper.eps) / sqrt(square + hyper.eps) * g;
    v[at.y] = square;
    acc[at.y] = hyper.rho * acc_old + hyper.one_minus_rho * delta * delta;
    p[at.x] = old - lr * delta;
  }
}
