// Update of Muon for one matrix of n elements, by an orthogonal direction of the same size.
//   p = p * (1 - lr * decay) - lr * ratio * direction
// Source: Jordan et al. 2024; torch.optim.Muon.
// rounds: ceil(n / threads) + 1
import package::lib::optimizer::updated_range;
import package::lib::step::Step;

struct Params { n: u32, decay: f32, ratio: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> direction: array<f32>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> p: array<f32>;

@compute @workgroup_size(64)
fn muon_apply(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n, scale[1]);
  let keep = 1.0 - step.lr * params.decay;
  let rate = step.lr * params.ratio;
  for (var i = range.x + local; i < range.y; i += 64u) {
    p[i] = p[i] * keep - rate * direction[i];
  }
}
