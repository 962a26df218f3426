// Gradient of the log probabilities [steps, batch, classes]: (exp(log_probs) - share of the symbol in all alignments at
// this step) times the gradient of the sample's loss. That is PyTorch's gradient, which takes log_probs as normalized.
// The symbols are laid out as in ctc.alignment. `shares` [batch, steps, 2 longest + 1] are those of the states
// (ctc.alignment). Steps beyond the input's length have
// gradient 0. One thread per element.
// rounds: packed * batch + 2 * (symbols_end - symbols_begin) + 5
import package::lib::float::{exp_nan, is_inf, is_nan, nan};
import package::lib::grid::workgroup_index;

struct Params {
  n: u32, steps: u32, batch: u32, classes: u32, longest: u32, blank: u32,
  reduce: u32, zero_infinity: u32, per_symbol: u32, packed: u32, scale: f32, accumulate: u32,
  /// The symbols of the target that this dispatch looks through; long ones take several.
  symbols_begin: u32,
  symbols_end: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> log_probs: array<f32>;
@group(0) @binding(2) var<storage, read> symbols: array<i32>;
@group(0) @binding(3) var<storage, read> input_lengths: array<i32>;
@group(0) @binding(4) var<storage, read> target_lengths: array<i32>;
@group(0) @binding(5) var<storage, read> losses: array<f32>;
@group(0) @binding(6) var<storage, read> shares: array<f32>;
@group(0) @binding(7) var<storage, read> dy: array<f32>;
@group(0) @binding(8) var<storage, read_write> dx: array<f32>;

fn element(i: u32, t: u32, sample: u32, c: u32) -> f32 {
  if (i32(t) >= input_lengths[sample]) {
    return 0.0;
  }
  if (is_nan(losses[sample])) {
    return losses[sample];
  }
  if (is_inf(losses[sample])) {
    return select(nan(), 0.0, params.zero_infinity != 0u);
  }
  var begin = sample * params.longest;
  var room = params.longest;
  if (params.packed != 0u) {
    begin = 0u;
    for (var before = 0u; before < sample; before++) {
      begin += u32(max(target_lengths[before], 0));
    }
    room -= min(begin, room);
  }
  let length = min(u32(max(target_lengths[sample], 0)), room);
  let first = (sample * params.steps + t) * (2u * params.longest + 1u);
  var share = 0.0;
  let symbols_end = min(length, params.symbols_end);
  if (c == params.blank) {
    // The blanks before the symbols, in the last dispatch also the one behind them.
    let blanks_end = select(symbols_end, length + 1u, params.symbols_end == params.longest);
    for (var s = params.symbols_begin; s < blanks_end; s++) {
      share += shares[first + 2u * s];
    }
  }
  for (var s = params.symbols_begin; s < symbols_end; s++) {
    if (symbols[begin + s] == i32(c)) {
      share += shares[first + 2u * s + 1u];
    }
  }
  let scale = select(1.0, 1.0 / f32(max(length, 1u)), params.per_symbol != 0u) * params.scale;
  let own = select(0.0, exp_nan(log_probs[i]), params.symbols_begin == 0u);
  return (own - share) * scale * dy[select(0u, sample, params.reduce == 0u)];
}

@compute @workgroup_size(64)
fn ctc_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  let row = i / params.classes;
  let value = element(i, row / params.batch, row % params.batch, i % params.classes);
  if (params.accumulate != 0u) {
    dx[i] += value;
  } else {
    dx[i] = value;
  }
}
