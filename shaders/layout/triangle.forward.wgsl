// y = x where column - row is at least `diagonal` (with `upper` set) or at most `diagonal`, else 0, bit for bit. x and y
// are [matrices, rows, columns] with n elements. Added to y as float32 when `accumulate` is set.
// rounds: ceil(n / threads) + 1
import package::lib::grid::workgroup_range;

struct Params { n: u32, rows: u32, columns: u32, diagonal: i32, upper: u32, accumulate: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn triangle_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let range = workgroup_range(group, groups, params.n);
  for (var i = range.x + local; i < range.y; i += 64u) {
    let above = i32(i % params.columns) - i32(i / params.columns % params.rows);
    let keep = select(above <= params.diagonal, above >= params.diagonal, params.upper != 0u);
    let value = select(0u, x[i], keep);
    if (params.accumulate != 0u) {
      y[i] = bitcast<u32>(bitcast<f32>(y[i]) + bitcast<f32>(value));
    } else {
      y[i] = value;
    }
  }
}
