// Appends the metrics of one step to the history, four numbers at `slot`: the loss, how many predictions are correct,
// how many targets count, and the norm of the gradients. total is (correct, count).
// lowering reads: VALUES
import package::lib::step::Step;

/// Numbers of a step.
const VALUES = 4u;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> loss: array<f32>;
@group(0) @binding(2) var<storage, read> total: array<f32>;
@group(0) @binding(3) var<storage, read> norm: array<f32>;
@group(0) @binding(4) var<storage, read_write> history: array<f32>;

@compute @workgroup_size(1)
fn record_step() {
  let at = step.slot * VALUES;
  history[at] = loss[0];
  history[at + 1u] = total[0];
  history[at + 2u] = total[1];
  history[at + 3u] = norm[0];
}
