// y[i] uniform in [0, 1): the upper 24 bits of word i % 4 of philox(seed, (i / 4, step, node, 0)), times 2^-24. Four per
// thread, n in all.
// rounds: 4
import package::lib::grid::workgroup_index;
import package::lib::philox::philox;
import package::lib::step::Step;

struct Params { n: u32, node: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> step: Step;

@compute @workgroup_size(64)
fn uniform_fill(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let quad = workgroup_index(group, groups) * 64u + local;
  let key = vec2<u32>(step.seed_lo, step.seed_hi);
  let drawn = philox(key, vec4<u32>(quad, step.index, params.node, 0u));
  for (var i = 0u; i < 4u && quad * 4u + i < params.n; i++) {
    y[quad * 4u + i] = f32(drawn[i] >> 8u) * 5.9604644775390625e-8;
  }
}
