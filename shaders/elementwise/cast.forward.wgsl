// y = x in another type, element by element, n elements. Floats become integers by dropping the fraction; bool is
// the float 0 or 1, and every other value than 0 (NaN too) is true.
// rounds: ceil(n / threads) + 1
// In floatToIndex what is no whole number becomes -1, which is no position.
// variants: floatToInt floatToIndex intToFloat floatToBool intToBool
@if(floatToIndex) import package::lib::float::is_nan;
import package::lib::grid::workgroup_range;

struct Params { n: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@if(floatToInt || floatToIndex) @group(0) @binding(1) var<storage, read> x: array<f32>;
@if(intToFloat || intToBool) @group(0) @binding(1) var<storage, read> x: array<i32>;
@if(floatToBool) @group(0) @binding(1) var<storage, read> x: array<u32>;
@if(floatToInt || floatToIndex) @group(0) @binding(2) var<storage, read_write> y: array<i32>;
@if(!floatToInt && !floatToIndex) @group(0) @binding(2) var<storage, read_write> y: array<f32>;

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
    @if(floatToIndex) y[i] = select(i32(value), -1, is_nan(value) || value != floor(value));
    @if(intToFloat) y[i] = f32(value);
    @if(floatToBool) y[i] = f32((value & 0x7fffffffu) != 0u);
    @if(intToBool) y[i] = f32(value != 0);
  }
}
