// Connectionist temporal classification, one workgroup per sample: log probabilities of all partial alignments.
//   forward:  alpha[t, s] = log_probs[t, symbol of s] + log of the sum of exp(alpha[t - 1, .]) over s, s - 1 and, where
//             s is a symbol that differs from the one before, s - 2; loss = -log(exp(alpha[end]) + exp(alpha[end - 1]))
//   backward: beta[t, s] = log of the probability of the rest after step t, by the mirrored recursion, and from it the
//             share exp(alpha + beta + loss) of the alignments that are in state s at step t
// log_probs is [steps, batch, classes], symbols [batch, longest] or, packed, those of all samples one after the other,
// `longest` in all; alpha, beta (both called scores) and shares are
// [batch, steps, 2 longest + 1]. Lengths beyond these sizes and symbols beyond the classes give NaN.
// Source: Graves et al., "Connectionist Temporal Classification", ICML 2006.
// rounds: packed * batch + (end - begin) * (ceil((2 * longest + 1) / 64) + 2) + 2
// variants: forward backward
// lowering reads: workgroupSize
import package::lib::ctc::log_add;
import package::lib::float::{infinity, nan};
@if(forward) import package::lib::float::is_inf;
@if(backward) import package::lib::float::exp_nan;
import package::lib::grid::workgroup_index;

struct Params {
  steps: u32, batch: u32, classes: u32, longest: u32, blank: u32, packed: u32,
  /// The steps of this dispatch, in the order of the recursion; long sequences take several.
  begin: u32,
  end: u32,
  @if(forward) reduce: u32,
  @if(forward) zero_infinity: u32,
  @if(forward) per_symbol: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> log_probs: array<f32>;
@group(0) @binding(2) var<storage, read> symbols: array<i32>;
@group(0) @binding(3) var<storage, read> input_lengths: array<i32>;
@group(0) @binding(4) var<storage, read> target_lengths: array<i32>;
@group(0) @binding(5) var<storage, read_write> scores: array<f32>;
@if(forward) @group(0) @binding(6) var<storage, read_write> losses: array<f32>;
@if(forward) @group(0) @binding(7) var<storage, read_write> y: array<f32>;
@if(forward) @group(0) @binding(8) var<storage, read_write> sums: array<vec2<f32>>;
@if(backward) @group(0) @binding(6) var<storage, read> losses: array<f32>;
@if(backward) @group(0) @binding(7) var<storage, read> alpha: array<f32>;
@if(backward) @group(0) @binding(8) var<storage, read_write> shares: array<f32>;

/// Where the symbols of sample n begin.
fn first_symbol(n: u32) -> u32 {
  if (params.packed == 0u) {
    return n * params.longest;
  }
  var first = 0u;
  for (var before = 0u; before < n; before++) {
    first += u32(max(target_lengths[before], 0));
  }
  return min(first, params.longest);
}

/// The class of state s of the sample whose symbols begin at `first`: a blank at even states.
fn symbol(first: u32, s: u32) -> u32 {
  if (s % 2u == 0u) {
    return params.blank;
  }
  return u32(symbols[first + s / 2u]);
}

fn log_prob(t: u32, n: u32, class_index: u32) -> f32 {
  if (class_index >= params.classes) {
    return nan();
  }
  return log_probs[(t * params.batch + n) * params.classes + class_index];
}

/// Whether s may follow s - 2 directly: not over a blank between equal symbols.
fn skips(first: u32, s: u32) -> bool {
  return s % 2u == 1u && s >= 3u && symbol(first, s) != symbol(first, s - 2u);
}

@compute @workgroup_size(64)
fn ctc_alignment(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let n = workgroup_index(group, groups);
  if (n >= params.batch) {
    return;
  }
  let impossible = -infinity();
  let first = first_symbol(n);
  let room = select(params.longest, params.longest - first, params.packed != 0u);
  let length = min(u32(max(target_lengths[n], 0)), room);
  let duration = min(u32(max(input_lengths[n], 0)), params.steps);
  let states = 2u * length + 1u;
  let width = 2u * params.longest + 1u;
  let base = n * params.steps * width;
  @if(forward) {
    for (var t = params.begin; t < min(duration, params.end); t++) {
      let now = base + t * width;
      let before = now - width;
      for (var s = local; s < states; s += 64u) {
        var score = select(impossible, 0.0, s < 2u);
        if (t > 0u) {
          score = scores[before + s];
          if (s >= 1u) {
            score = log_add(score, scores[before + s - 1u]);
          }
          if (skips(first, s)) {
            score = log_add(score, scores[before + s - 2u]);
          }
        }
        scores[now + s] = score + log_prob(t, n, symbol(first, s));
      }
      storageBarrier();
    }
    if (local == 0u && params.end == params.steps) {
      var loss = nan();
      let valid = i32(length) == target_lengths[n] && i32(duration) == input_lengths[n];
      if (valid && duration > 0u) {
        let last = base + (duration - 1u) * width + states - 1u;
        var total = scores[last];
        if (states > 1u) {
          total = log_add(total, scores[last - 1u]);
        }
        loss = -total;
      } else if (valid) {
        // Without steps only the empty target is possible.
        loss = select(infinity(), 0.0, length == 0u);
      }
      losses[n] = loss;
      loss = select(loss, 0.0, params.zero_infinity != 0u && is_inf(loss));
      loss = select(loss, loss / f32(max(length, 1u)), params.per_symbol != 0u);
      if (params.reduce == 0u) {
        y[n] = loss;
      } else {
        sums[n] = vec2<f32>(loss, 0.0);
      }
    }
  }
  @if(backward) {
    for (var back = params.begin; back < min(duration, params.end); back++) {
      let t = duration - 1u - back;
      let now = base + t * width;
      let behind = now + width;
      for (var s = local; s < states; s += 64u) {
        var score = select(impossible, 0.0, s + 2u >= states);
        if (back > 0u) {
          score = scores[behind + s] + log_prob(t + 1u, n, symbol(first, s));
          if (s + 1u < states) {
            score = log_add(score, scores[behind + s + 1u] + log_prob(t + 1u, n, symbol(first, s + 1u)));
          }
          if (s + 2u < states && skips(first, s + 2u)) {
            score = log_add(score, scores[behind + s + 2u] + log_prob(t + 1u, n, symbol(first, s + 2u)));
          }
        }
        scores[now + s] = score;
        shares[now + s] = exp_nan(alpha[now + s] + score + losses[n]);
      }
      storageBarrier();
    }
  }
}
