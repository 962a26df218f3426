// Resilient backpropagation over a run of parameters, four elements at a time (n4 vectors).
//   g = sign * clip(grad_scale * scale[0] * grad)
//   s = clamp(s * (g * prev > 0 ? eta_plus : g * prev < 0 ? eta_minus : 1), least, most), from lr on
//   p -= sign(g) * s, prev = g; where the factor was eta_minus, g counts as 0
// step.h0 is 1 at the first step, else 0. Source: Riedmiller & Braun 1993; torch.optim.Rprop.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed
// lowering reads: CLIPS REGULARIZES
import package::lib::optimizer::{clip, is_nan4, place, updated_range};
import package::lib::step::Step;

struct Params {
  n4: u32,
  sign: f32,
  eta_minus: f32,
  eta_plus: f32,
  least: f32,
  most: f32,
  clip_value: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> prev: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> sizes: array<vec4<f32>>;

@compute @workgroup_size(64)
fn rprop_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n4, scale[1]);
  let hyper = params;
  let factor = hyper.sign * step.grad_scale * scale[0];
  let first = vec4<bool>(step.h0 != 0.0);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = place(i);
    let old = p[at.x];
    let g = clip(grad[at.y] * factor, hyper.clip_value);
    let product = g * prev[at.y];
    // Comparisons with NaN are true in some drivers.
    let known = !is_nan4(product);
    let up = known & (product > vec4<f32>(0.0));
    let down = known & (product < vec4<f32>(0.0));
    let change = select(select(vec4<f32>(1.0), vec4<f32>(hyper.eta_plus), up), vec4<f32>(hyper.eta_minus), down);
    let size = select(sizes[at.y], vec4<f32>(step.lr), first) * change;
    let next = min(max(size, vec4<f32>(hyper.least)), vec4<f32>(hyper.most));
    let kept = select(g, vec4<f32>(0.0), change == vec4<f32>(hyper.eta_minus));
    sizes[at.y] = next;
    prev[at.y] = kept;
    p[at.x] = old - select(sign(kept), vec4<f32>(0.0), is_nan4(kept)) * next;
  }
}
