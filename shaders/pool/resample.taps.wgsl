// y[o, q, i] = sum over t of weights[q, t] * x[o, spans[q].x + t, i] for t below spans[q].y: one dimension resized by a table.
// x is [outer, size, inner], y is [outer, out, inner] with n elements, weights is [out, most]. Added to y when
// `accumulate` is set, as it is for the later of many taps.
// rounds: ceil(n / threads) * (min(taps, most) + 2) + 1
// lowering reads: workgroupSize
import package::lib::grid::{part_of, workgroup_range};

struct Params {
  n: u32,
  size: u32,
  out: u32,
  inner: u32,
  most: u32,
  accumulate: u32,
  /// The part of the taps that this dispatch goes over.
  first: u32,
  taps: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> spans: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn resample_taps(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var at = range.x + local; at < range.y; at += 64u) {
    let line = at / params.inner;
    let q = line % params.out;
    let span = spans[q];
    let base = (line / params.out * params.size + span.x) * params.inner + at % params.inner;
    let part = part_of(vec2<u32>(0u, span.y), params.first, params.taps);
    var sum = 0.0;
    for (var t = part.x; t < part.y; t++) {
      sum += weights[q * params.most + t] * x[base + t * params.inner];
    }
    if (params.accumulate != 0u) {
      y[at] += sum;
    } else {
      y[at] = sum;
    }
  }
}
