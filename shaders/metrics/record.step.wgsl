// Appends the figures of one step to the history: history[slot * 2] = loss, history[slot * 2 + 1] = metric.
import package::lib::step::Step;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> loss: array<f32>;
@group(0) @binding(2) var<storage, read> metric: array<f32>;
@group(0) @binding(3) var<storage, read_write> history: array<f32>;

@compute @workgroup_size(1)
fn record_step() {
  history[step.slot * 2u] = loss[0];
  history[step.slot * 2u + 1u] = metric[0];
}
