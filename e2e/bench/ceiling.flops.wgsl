// y[i] = the result of ROUNDS * 8 fused multiplications and additions of vectors of 4, all in registers.
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;

const ROUNDS = 256u;

@compute @workgroup_size(64)
fn ceiling_flops(@builtin(global_invocation_id) id: vec3u) {
  let x = vec4f(f32(id.x)) * 1e-7 + 0.5;
  var a = x;
  var b = x + 0.01;
  var c = x + 0.02;
  var d = x + 0.03;
  var e = x + 0.04;
  var f = x + 0.05;
  var g = x + 0.06;
  var h = x + 0.07;
  for (var i = 0u; i < ROUNDS; i++) {
    a = fma(a, x, x);
    b = fma(b, x, x);
    c = fma(c, x, x);
    d = fma(d, x, x);
    e = fma(e, x, x);
    f = fma(f, x, x);
    g = fma(g, x, x);
    h = fma(h, x, x);
  }
  y[id.x] = a + b + c + d + e + f + g + h;
}
