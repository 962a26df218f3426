// Stochastic gradient descent over a whole arena, four elements at a time (n4 vectors).
//   g = clip(grad) + weight_decay * p
//   buf = g at the first step, else momentum * buf + (1 - dampening) * g
//   p -= lr * (nesterov ? g + momentum * buf : buf)        (without momentum: p -= lr * g)
// step.h0 is 1 at the first step, else 0. Source: torch.optim.SGD.
import package::lib::grid::workgroup_range;
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
  let limit = vec4<f32>(params.clip_value);
  let factor = scale[0];
  let lr = step.lr;
  let first = vec4<bool>(step.h0 != 0.0);
  let nesterov = vec4<bool>(params.nesterov != 0u);
  let momentum = params.momentum;
  let undamped = 1.0 - params.dampening;
  let decay = params.weight_decay;
  for (var i = range.x + local; i < range.y; i += 64u) {
    let g = clamp(grad[i] * factor, -limit, limit) + decay * p[i];
    if (momentum == 0.0) {
      p[i] = p[i] - lr * g;
    } else {
      let b = select(momentum * buf[i] + undamped * g, g, first);
      buf[i] = b;
      p[i] = p[i] - lr * select(b, g + momentum * b, nesterov);
    }
  }
}
