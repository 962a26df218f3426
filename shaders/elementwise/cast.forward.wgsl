// y = x in another type, element by element, n elements. Floats become integers by dropping the fraction; bool is
// the float 0 or 1, and every other value than 0 (NaN too) is true.
// rounds: ceil(n / threads) + 1
// variants: floatToInt intToFloat floatToBool intToBool
import package::lib::grid::workgroup_range;

struct Params { n: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@if(floatToInt) @group(0) @binding(1) var<storage, read> x: array<f32>;
@if(intToFloat || intToBool) @group(0) @binding(1) var<storage, read> x: array<i32>;
@if(floatToBool) @group(0) @binding(1) var<storage, read> x: array<u32>;
@if(floatToInt) @group(0) @binding(2) var<storage, read_write> y: array<i32>;
@if(!floatToInt) @group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn cast_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let value = x[i];
    @if(floatToInt) y[i] = i32(value);
    @if(intToFloat) y[i] = f32(value);
    @if(floatToBool) y[i] = f32((value & 0x7fffffffu) != 0u);
    @if(intToBool) y[i] = f32(value != 0);
  }
}
