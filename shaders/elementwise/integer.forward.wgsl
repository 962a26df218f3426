// y = f(x, other) of whole numbers with broadcasting, wrapping around beyond 32 bits. y has n elements, row-major over
// `rank` dimensions; dims as in binary.forward.wgsl. Comparisons give the float 0 or 1, which is how masks are stored;
// the others whole numbers. neg, abs, sign and not take no `other`, and the host gives x for it.
// rounds: 35 * ceil(n / threads) + 1
// variants: add mul divFloor divTrunc pow minimum maximum fmod remainder neg abs sign not eq ne lt le gt ge
// lowering reads: params
import package::lib::grid::workgroup_range;
import package::lib::strided::strided8;

struct Params {
  n: u32,
  @if(add) alpha: i32,
  dims: array<vec4<u32>, 8>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<i32>;
@group(0) @binding(2) var<storage, read> other: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

fn down(a: i32, b: i32) -> i32 { return a / b - select(0, 1, a % b != 0 && (a < 0) != (b < 0)); }

@if(add) fn combine(a: i32, b: i32) -> i32 { return a + params.alpha * b; }
@if(mul) fn combine(a: i32, b: i32) -> i32 { return a * b; }
@if(divFloor) fn combine(a: i32, b: i32) -> i32 { return down(a, b); }
@if(divTrunc) fn combine(a: i32, b: i32) -> i32 { return a / b; }
// By squaring. Below 0 only powers of 1 and -1 are whole numbers; all others are 0.
@if(pow) fn combine(a: i32, b: i32) -> i32 {
  if (b < 0 && a != 1 && a != -1) { return 0; }
  var result = 1;
  var base = a;
  for (var rest = u32(abs(b)); rest != 0u; rest >>= 1u) {
    if ((rest & 1u) != 0u) { result *= base; }
    base *= base;
  }
  return result;
}
@if(minimum) fn combine(a: i32, b: i32) -> i32 { return min(a, b); }
@if(maximum) fn combine(a: i32, b: i32) -> i32 { return max(a, b); }
@if(fmod) fn combine(a: i32, b: i32) -> i32 { return a % b; }
@if(remainder) fn combine(a: i32, b: i32) -> i32 { return a - down(a, b) * b; }
@if(neg) fn combine(a: i32, b: i32) -> i32 { return -a; }
@if(abs) fn combine(a: i32, b: i32) -> i32 { return max(a, -b); }
@if(sign) fn combine(a: i32, b: i32) -> i32 { return sign(a); }
@if(not) fn combine(a: i32, b: i32) -> f32 { return f32(a == 0); }
@if(eq) fn combine(a: i32, b: i32) -> f32 { return f32(a == b); }
@if(ne) fn combine(a: i32, b: i32) -> f32 { return f32(a != b); }
@if(lt) fn combine(a: i32, b: i32) -> f32 { return f32(a < b); }
@if(le) fn combine(a: i32, b: i32) -> f32 { return f32(a <= b); }
@if(gt) fn combine(a: i32, b: i32) -> f32 { return f32(a > b); }
@if(ge) fn combine(a: i32, b: i32) -> f32 { return f32(a >= b); }

@compute @workgroup_size(64)
fn integer_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let at = strided8(
      i, params.dims[0], params.dims[1], params.dims[2], params.dims[3],
      params.dims[4], params.dims[5], params.dims[6], params.dims[7],
    );
    y[i] = bitcast<u32>(combine(x[at.x], other[at.y]));
  }
}
