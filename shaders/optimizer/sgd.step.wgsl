// Stochastic gradient descent over a run of parameters, four elements at a time (n4 vectors).
//   g = clip(grad_scale * scale[0] * grad) + weight_decay * p
//   buf = g at the first step, else momentum * buf + (1 - dampening) * g
//   p -= lr * (nesterov ? g + momentum * buf : buf)        (without momentum: p -= lr * g)
// step.h0 is 1 at the first step, else 0. Source: torch.optim.SGD.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed
import package::lib::grid::workgroup_range;
import package::lib::optimizer::{clip, place};
import package::lib::step::Step;

struct Params {
  n4: u32,
  nesterov: u32,
  momentum: f32,
  dampening: f32,
  weight_decay: f32,
  clip_value: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> buf: array<vec4<f32>>;

@compute @workgroup_size(64)
fn sgd_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n4);
  let factor = step.grad_scale * scale[0];
  let lr = step.lr;
  let first = vec4<bool>(step.h0 != 0.0);
  let nesterov = vec4<bool>(params.nesterov != 0u);
  let hyper = params;
  let undamped = 1.0 - hyper.dampening;
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = place(i);
    let old = p[at.x];
    let g = clip(grad[at.y] * factor, hyper.clip_value) + hyper.weight_decay * old;
    if (hyper.momentum == 0.0) {
      p[at.x] = old - lr * g;
    } else {
      let b = select(hyper.momentum * buf[at.y] + undamped * g, g, first);
      buf[at.y] = b;
      p[at.x] = old - lr * select(b, g + hyper.momentum * b, nesterov);
    }
  }
}
