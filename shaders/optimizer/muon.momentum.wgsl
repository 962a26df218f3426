// Momentum of Muon for one matrix of n elements; `update` is what the Newton-Schulz iteration makes orthogonal.
//   g = sign * clip(grad_scale * scale[0] * grad);  buf = buf + (1 - mu) * (g - buf)
//   update = nesterov ? g + mu * (buf - g) : buf
// step.h0 = mu, h1 = 1 - mu. Source: Jordan et al. 2024; torch.optim.Muon.
// rounds: ceil(n / threads) + 1
import package::lib::optimizer::{clip, updated_range};
import package::lib::step::Step;

struct Params { n: u32, nesterov: u32, sign: f32, clip_value: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> grad: array<f32>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> buf: array<f32>;
@group(0) @binding(5) var<storage, read_write> update: array<f32>;

@compute @workgroup_size(64)
fn muon_momentum(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n, scale[1]);
  let factor = params.sign * step.grad_scale * scale[0];
  for (var i = range.x + local; i < range.y; i += 64u) {
    let g = clip(vec4<f32>(grad[i] * factor), params.clip_value).x;
    let old = buf[i];
    let average = old + step.h1 * (g - old);
    buf[i] = average;
    update[i] = select(average, g + step.h0 * (average - g), params.nesterov != 0u);
  }
}
