// RMSprop over a run of parameters, four elements at a time (n4 vectors).
//   g = sign * clip(grad_scale * scale[0] * grad) + l2 * p;  v = alpha * v + (1 - alpha) * g^2
//   root = sqrt(v) + eps; centered: mean = alpha * mean + (1 - alpha) * g, root = sqrt(v - mean^2) + eps
//   p -= lr * g / root; with momentum: buf = mu * buf + g / root, p -= lr * buf
// step.h0 = mu. Source: Hinton 2012; torch.optim.RMSprop.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed contiguous.momentum indexed.momentum contiguous.centered indexed.centered contiguous.centered.momentum indexed.centered.momentum
// lowering reads: CLIPS REGULARIZES
import package::lib::optimizer::{gradient, place, updated_range};
import package::lib::step::Step;

struct Params {
  n4: u32,
  sign: f32,
  alpha: f32,
  one_minus_alpha: f32,
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
@if(centered) @group(0) @binding(6) var<storage, read_write> mean: array<vec4<f32>>;
@if(momentum) @group(0) @binding(8) var<storage, read_write> buf: array<vec4<f32>>;

@compute @workgroup_size(64)
fn rmsprop_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n4, scale[1]);
  let hyper = params;
  let factor = hyper.sign * step.grad_scale * scale[0];
  let lr = step.lr;
  @if(momentum) let mu = step.h0;
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = place(i);
    let old = p[at.x];
    let g = gradient(grad[at.y], factor, hyper.clip_value, old, hyper.l2);
    let square = hyper.alpha * v[at.y] + hyper.one_minus_alpha * g * g;
    v[at.y] = square;
    @if(!centered) let root = sqrt(square) + hyper.eps;
    @if(centered) let average = hyper.alpha * mean[at.y] + hyper.one_minus_alpha * g;
    @if(centered) mean[at.y] = average;
    @if(centered) let root = sqrt(square - average * average) + hyper.eps;
    @if(!momentum) p[at.x] = old - lr * (g / root);
    @if(momentum) let b = mu * buf[at.y] + g / root;
    @if(momentum) buf[at.y] = b;
    @if(momentum) p[at.x] = old - lr * b;
  }
}
