// y = x, as vectors of 4.
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;

@compute @workgroup_size(64)
fn ceiling_copy(@builtin(global_invocation_id) id: vec3u) {
  y[id.x] = x[id.x];
}
