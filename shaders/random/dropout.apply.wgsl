// y = x * scale + kept where a random word keeps the element, else `dropped`: the dropout family, and with dy for x
// its backward, which draws the same words again. Neighbouring `inner` elements share a word (a channel, a sample).
// Words come from Philox with the seed as key and (word / 4, step, node) as counter; one is kept when it is at least
// `threshold` = p * 2^32. Each thread makes four elements, which is what one call of Philox gives. n elements.
// rounds: 4
import package::lib::grid::workgroup_index;
import package::lib::philox::philox;
import package::lib::step::Step;

struct Params {
  n: u32, inner: u32, threshold: u32, node: u32,
  scale: f32, kept: f32, dropped: f32, accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> step: Step;

fn draw(quad: u32) -> vec4<u32> {
  let key = vec2<u32>(step.seed_lo, step.seed_hi);
  return philox(key, vec4<u32>(quad, step.index, params.node, 0u));
}

@compute @workgroup_size(64)
fn dropout_apply(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let first = (workgroup_index(group, groups) * 64u + local) * 4u;
  if (first >= params.n) {
    return;
  }
  var quad = first / params.inner / 4u;
  var words = draw(quad);
  for (var i = first; i < min(first + 4u, params.n); i++) {
    let word = i / params.inner;
    if (word / 4u != quad) {
      quad = word / 4u;
      words = draw(quad);
    }
    let value = select(params.dropped, x[i] * params.scale + params.kept, words[word & 3u] >= params.threshold);
    if (params.accumulate != 0u) {
      y[i] += value;
    } else {
      y[i] = value;
    }
  }
}
