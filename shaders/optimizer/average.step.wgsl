// Running average of weights over a run of parameters, four elements at a time (n4 vectors).
//   average = w = 1 ? p : w = 0 ? average : average + (p - average) * w
// step.h0 = w: 1 - decay of an exponential moving average, 1 / (n + 1) of an equal one. Sources: Polyak & Juditsky 1992;
// Izmailov et al. 2018, Averaging Weights Leads to Wider Optima and Better Generalization; torch.optim.swa_utils.
// rounds: ceil(n4 / threads) + 1
// variants: contiguous indexed
import package::lib::optimizer::{place, updated_range};
import package::lib::step::Step;

struct Params {
  n4: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> p: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> average: array<vec4<f32>>;

@compute @workgroup_size(64)
fn average_step(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = updated_range(group, groups, params.n4, scale[1]);
  let w = step.h0;
  // A weight of zero leaves the average as it is, whatever p is.
  let end = select(range.y, range.x, w == 0.0);
  for (var i = range.x + local; i < end; i += 64u) {
    let at = place(i);
    let next = p[at.x];
    let old = average[at.y];
    average[at.y] = select(old + (next - old) * w, next, vec4<bool>(w == 1.0));
  }
}
