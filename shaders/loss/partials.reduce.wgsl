// The loss from the partial sums of `count` workgroups, pairs of (loss, weight), by one workgroup of 64:
// y = sum(loss) / sum(weight) when `weighted`, else scale * sum(loss). `total` keeps both sums for the backward.
// rounds: count / 64 + 17
import package::lib::group_sum::group_sum2;
import package::lib::loss::finish;

struct Params { count: u32, weighted: u32, scale: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> total: array<vec2<f32>>;

@compute @workgroup_size(64)
fn partials_reduce(@builtin(local_invocation_index) local: u32) {
  var sum = vec2<f32>(0.0, 0.0);
  for (var i = local; i < params.count; i += 64u) {
    sum += partials[i];
  }
  sum = group_sum2(sum, local);
  if (local == 0u) {
    y[0] = finish(sum, params.weighted, params.scale);
    total[0] = sum;
  }
}
