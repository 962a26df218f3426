// Adam and AdamW over a whole arena, four elements per thread (n4 vectors).
//   g = clip(grad) + l2 * p                         (Adam's weight decay; AdamW: p *= 1 - lr * decay)
//   m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g^2
//   p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
// step.h0 = lr / (1 - beta1^t) and step.h1 = 1 / sqrt(1 - beta2^t), computed by the host in float64.
// Source: Kingma & Ba 2015; Loshchilov & Hutter 2019; torch.optim.Adam, torch.optim.AdamW.
import package::lib::grid::workgroup_index;
import package::lib::step::Step;

struct Params {
  n4: u32,
  beta1: f32,
  beta2: f32,
  one_minus_beta1: f32,
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
fn adam_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n4) {
    return;
  }
  let limit = vec4<f32>(params.clip_value);
  let old = p[i];
  let g = clamp(grad[i] * scale[0], -limit, limit) + params.l2 * old;
  let mean = params.beta1 * m[i] + params.one_minus_beta1 * g;
  let square = params.beta2 * v[i] + params.one_minus_beta2 * g * g;
  m[i] = mean;
  v[i] = square;
  p[i] = old * (1.0 - step.lr * params.decay) - step.h0 * mean / (sqrt(square) * step.h1 + params.eps);
}
