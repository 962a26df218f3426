// Stochastic gradient descent over a run of parameters, four elements at a time (n4 vectors).
//   g = sign * clip(grad_scale * scale[0] * grad) + l2 * p            (sign -1: maximize)
//   buf = g at the first step, else mu * buf + (1 - dampening) * g    (variants with momentum)
//   p -= lr * (nesterov ? g + mu * buf : buf)                         (without momentum: p -= lr * g)
// step.h0 is 1 at the first step, else 0; step.h1 = mu. Source: torch.optim.SGD.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed contiguous.momentum indexed.momentum
// lowering reads: CLIPS REGULARIZES
import package::lib::optimizer::{gradient, place, updated_range};
import package::lib::step::Step;

struct Params {
  n4: u32,
  @if(momentum) nesterov: u32,
  sign: f32,
  l2: f32,
  @if(momentum) undamped: f32,
  clip_value: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4<f32>>;
@if(momentum) @group(0) @binding(5) var<storage, read_write> buf: array<vec4<f32>>;

@compute @workgroup_size(64)
fn sgd_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n4, scale[1]);
  let hyper = params;
  let factor = hyper.sign * step.grad_scale * scale[0];
  let lr = step.lr;
  @if(momentum) let mu = step.h1;
  @if(momentum) let first = vec4<bool>(step.h0 != 0.0);
  @if(momentum) let nesterov = vec4<bool>(params.nesterov != 0u);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = place(i);
    let old = p[at.x];
    let g = gradient(grad[at.y], factor, hyper.clip_value, old, hyper.l2);
    @if(!momentum) p[at.x] = old - lr * g;
    @if(momentum) let b = select(mu * buf[at.y] + hyper.undamped * g, g, first);
    @if(momentum) buf[at.y] = b;
    @if(momentum) p[at.x] = old - lr * select(b, g + mu * b, nesterov);
  }
}
