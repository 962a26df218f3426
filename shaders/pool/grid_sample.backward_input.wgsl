// dx[n, c, i] = sum over the readings of input i of their weights times dy at the position that reads: these are the places
// order[starts[r]] up to order[starts[r + 1] - 1] of keys and weights, with r = n * volume + i. dx is [batch, channels,
// volume] with n elements, dy is [batch, channels, out]; each position reads `taps` inputs. The sums are in the order of
// the positions: the same bits in every run. Added to dx when `accumulate` is set.
// rounds: ceil(n / threads) * (end - begin + 2) + 1
// lowering reads: workgroupSize
import package::lib::grid::workgroup_range;

struct Params {
  n: u32,
  channels: u32,
  volume: u32,
  out: u32,
  taps: u32,
  accumulate: u32,
  /// The places of `order` that this dispatch goes over; many positions take several dispatches.
  begin: u32,
  end: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> starts: array<u32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn grid_sample_backward_input(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var at = range.x + local; at < range.y; at += 64u) {
    let plane = at / params.volume;
    let row = plane / params.channels * params.volume + at % params.volume;
    let end = clamp(starts[row + 1u], params.begin, params.end);
    var sum = 0.0;
    for (var e = clamp(starts[row], params.begin, params.end); e < end; e++) {
      let entry = order[e];
      sum += weights[entry] * dy[plane * params.out + entry / params.taps % params.out];
    }
    if (params.accumulate != 0u) {
      dx[at] += sum;
    } else {
      dx[at] = sum;
    }
  }
}
