// y[s, o, r, i] = alpha * sum of src[o, p, i] over the positions p with key r, which are order[starts[r]] up to
// order[starts[r + 1] - 1]; of these each of the `splits` parts s takes its share. y is [splits, outer, rows, inner] with n
// elements, src is [outer, positions, inner]. Added to y when `accumulate` is set.
// rounds: ceil(n / threads) * (ceil((end - begin) / splits) + 2) + 1
// lowering reads: workgroupSize
import package::lib::grid::workgroup_range;

struct Params {
  n: u32,
  inner: u32,
  rows: u32,
  outer: u32,
  positions: u32,
  splits: u32,
  accumulate: u32,
  alpha: f32,
  /// The places of `order` that this dispatch goes over; many positions take several dispatches.
  begin: u32,
  end: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> starts: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn scatter_add_segments(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var at = range.x + local; at < range.y; at += 64u) {
    let i = at % params.inner;
    let line = at / params.inner;
    let row = line % params.rows;
    let o = line / params.rows % params.outer;
    let part = line / params.rows / params.outer;
    let first = clamp(starts[row], params.begin, params.end);
    let last = clamp(starts[row + 1u], params.begin, params.end);
    let share = (last - first + params.splits - 1u) / params.splits;
    let end = min(first + (part + 1u) * share, last);
    var sum = 0.0;
    for (var e = first + part * share; e < end; e++) {
      sum += src[(o * params.positions + order[e]) * params.inner + i];
    }
    if (params.accumulate != 0u) {
      y[at] += params.alpha * sum;
    } else {
      y[at] = params.alpha * sum;
    }
  }
}
