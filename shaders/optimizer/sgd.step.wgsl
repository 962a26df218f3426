// Stochastic gradient descent over a whole arena, four elements per thread (n4 vectors).
//   g = clip(grad) + weight_decay * p
//   buf = g at the first step, else momentum * buf + (1 - dampening) * g
//   p -= lr * (nesterov ? g + momentum * buf : buf)        (without momentum: p -= lr * g)
// step.h0 is 1 at the first step, else 0. Source: torch.optim.SGD.
import package::lib::grid::workgroup_index;
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
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n4) {
    return;
  }
  let limit = vec4<f32>(params.clip_value);
  let g = clamp(grad[i] * scale[0], -limit, limit) + params.weight_decay * p[i];
  if (params.momentum == 0.0) {
    p[i] = p[i] - step.lr * g;
    return;
  }
  let b = select(params.momentum * buf[i] + (1.0 - params.dampening) * g, g, vec4<bool>(step.h0 != 0.0));
  buf[i] = b;
  p[i] = p[i] - step.lr * select(b, g + params.momentum * b, vec4<bool>(params.nesterov != 0u));
}
