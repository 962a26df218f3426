// y[n, c, h, w] = sum over (kh, oh) with h = oh * stride + kh * dilation - padding, and (kw, ow) likewise, of
// x[n, (c, kh, kw), (oh, ow)]: columns summed back into an image, the transpose of unfold. One thread per element of y.
// rounds: taps.x * (taps.y + 2) + step.x + step.y + 3
import package::lib::conv::first_tap;
import package::lib::grid::workgroup_index;

struct Params {
  /// Batch times channels.
  planes: u32,
  /// Sizes as (rows, columns): the image, the windows that fit, and the attributes.
  size: vec2<u32>,
  out: vec2<u32>,
  kernel: vec2<u32>,
  stride: vec2<u32>,
  dilation: vec2<u32>,
  padding: vec2<u32>,
  /// stride / gcd(stride, dilation): every so many taps, a tap reaches the same positions.
  step: vec2<u32>,
  /// The part of such taps that this dispatch goes over, along both dimensions: the first, and how many.
  first: vec2<u32>,
  taps: vec2<u32>,
}

/// Compile-time constant: whether to add to what y holds.
const ACCUMULATE = 0u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn fold_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let row = i / params.size.y;
  let plane = row / params.size.x;
  if (plane >= params.planes) {
    return;
  }
  let kernel = params.kernel;
  let stride = params.stride;
  let dilation = params.dilation;
  let h = row % params.size.x + params.padding.x;
  let w = i % params.size.y + params.padding.y;
  let nearest = vec2<u32>(
    first_tap(h, stride.x, dilation.x, params.step.x),
    first_tap(w, stride.y, dilation.y, params.step.y),
  );
  // Positions that no tap reaches, which exist where stride and dilation have a common divisor, get no sum.
  let first = nearest + params.first * params.step;
  let end = select(vec2<u32>(), min(kernel, first + params.taps * params.step), nearest < params.step);
  var sum = 0.0;
  for (var kh = first.x; kh < end.x; kh += params.step.x) {
    let oh = (h - kh * dilation.x) / stride.x;
    if (h < kh * dilation.x || oh >= params.out.x) {
      continue;
    }
    for (var kw = first.y; kw < end.y; kw += params.step.y) {
      let ow = (w - kw * dilation.y) / stride.y;
      let inside = w >= kw * dilation.y && ow < params.out.y;
      let at = (((plane * kernel.x + kh) * kernel.y + kw) * params.out.x + oh) * params.out.y + ow;
      sum += select(0.0, x[select(0u, at, inside)], inside);
    }
  }
  if (ACCUMULATE == 1u) {
    y[i] += sum;
  } else {
    y[i] = sum;
  }
}
