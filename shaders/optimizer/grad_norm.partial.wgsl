// partials[offset + w] = sum of grad^2 over the part of workgroup w: each of the `parts` workgroups takes every parts-th
// block of 64 vectors, so the order of summation is fixed. First of two dispatches of clipping by norm.
// rounds: n4 / parts / 64 + 65

struct Params { n4: u32, parts: u32, offset: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> grad: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;

var<workgroup> sums: array<f32, 64>;

@compute @workgroup_size(64)
fn grad_norm_partial(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  for (var i = group.x * 64u + local; i < params.n4; i += params.parts * 64u) {
    sum += dot(grad[i], grad[i]);
  }
  sums[local] = sum;
  workgroupBarrier();
  if (local == 0u) {
    var total = 0.0;
    for (var i = 0u; i < 64u; i++) {
      total += sums[i];
    }
    partials[params.offset + group.x] = total;
  }
}
