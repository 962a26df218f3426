// partials[offset + w] = sum over the part of workgroup w of grad^2 (variant two), |grad| (one) or |grad|^p (any), or the
// largest |grad| (most), NaN if there is one: each of the `parts` workgroups takes every parts-th block of 64 vectors, so the
// order of summation is fixed. First of two dispatches of clipping by norm.
// rounds: n4 / parts / 64 + 65
// variants: two one any most
@if(any) import package::lib::optimizer::power;
@if(most) import package::lib::optimizer::larger;

struct Params {
  n4: u32,
  parts: u32,
  offset: u32,
  @if(any) p: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;

var<workgroup> sums: array<vec4<f32>, 64>;

@if(two) fn joined(sum: vec4<f32>, g: vec4<f32>) -> vec4<f32> { return sum + g * g; }
@if(one) fn joined(sum: vec4<f32>, g: vec4<f32>) -> vec4<f32> { return sum + abs(g); }
@if(any) fn joined(sum: vec4<f32>, g: vec4<f32>) -> vec4<f32> { return sum + power(abs(g), params.p); }
@if(most) fn joined(sum: vec4<f32>, g: vec4<f32>) -> vec4<f32> { return larger(sum, abs(g)); }

@if(!most) fn both(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a + b; }
@if(most) fn both(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return larger(a, b); }

@compute @workgroup_size(64)
fn grad_norm_partial(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  var sum = vec4<f32>(0.0);
  for (var i = group.x * 64u + local; i < params.n4; i += params.parts * 64u) {
    sum = joined(sum, grad[i]);
  }
  sums[local] = sum;
  workgroupBarrier();
  if (local == 0u) {
    var total = vec4<f32>(0.0);
    for (var i = 0u; i < 64u; i++) {
      total = both(total, sums[i]);
    }
    let pairs = both(total, total.zwxy);
    partials[params.offset + group.x] = both(pairs, pairs.yxwz).x;
  }
}
