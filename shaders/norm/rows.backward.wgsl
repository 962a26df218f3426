// dx of the row normalizations: with g = dy * weight and z = (x - mean) * rstd
//   dx = rstd * (g - mean(g) - z * mean(g z)), without mean(g) for `RMS`.
// Rows, parameters, variants and stats as in rows.forward.
// rounds: 2 * ceil(size / LANES) + 40
// variants: thread group vector
import package::lib::grid::workgroup_index;
import package::lib::group_sum::group_sum2;
import package::lib::row::{HAS_WEIGHT, LANES, OWN_PARAMETERS, RMS, Value, WIDTH, sum_of};

/// `size` counts values.
struct Params { rows: u32, size: u32, parameter_step: u32, parameters: u32, accumulate: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Value>;
@group(0) @binding(2) var<storage, read> weight: array<Value>;
@group(0) @binding(3) var<storage, read> stats: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> dy: array<Value>;
@group(0) @binding(5) var<storage, read_write> dx: array<Value>;

@if(!group) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return value; }
@if(group) fn all_sum(value: vec2<f32>, local: u32) -> vec2<f32> { return group_sum2(value, local); }

/// dy * weight of value j of a row that begins at `start`.
fn scaled_gradient(start: u32, j: u32, step: u32, parameters: u32) -> Value {
  let i = start + j;
  if (HAS_WEIGHT == 0u) {
    return dy[i];
  }
  if (OWN_PARAMETERS == 1u) {
    return dy[i] * weight[j];
  }
  return dy[i] * weight[i / step % parameters];
}

@compute @workgroup_size(64)
fn rows_backward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  @if(!group) let row = workgroup_index(group, groups) * 64u + local;
  @if(!group) let lane = 0u;
  @if(group) let row = workgroup_index(group, groups);
  @if(group) let lane = local;
  if (row >= params.rows) {
    return;
  }
  let size = params.size;
  let start = row * size;
  let step = params.parameter_step;
  let parameters = params.parameters;
  let accumulates = params.accumulate != 0u;
  let kept = stats[row];
  var sum = Value();
  var products = Value();
  for (var j = lane; j < size; j += LANES) {
    let g = scaled_gradient(start, j, step, parameters);
    sum += g;
    products += g * (((x[start + j] - kept.x) - kept.y) * kept.z);
  }
  var means = all_sum(vec2<f32>(sum_of(sum), sum_of(products)), local) / f32(WIDTH * size);
  if (RMS == 1u) {
    means.x = 0.0;
  }
  for (var j = lane; j < size; j += LANES) {
    let i = start + j;
    let z = ((x[i] - kept.x) - kept.y) * kept.z;
    var value = kept.z * (scaled_gradient(start, j, step, parameters) - means.x - z * means.y);
    if (accumulates) {
      value += dx[i];
    }
    dx[i] = value;
  }
}
