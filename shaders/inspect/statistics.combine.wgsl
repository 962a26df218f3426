// Statistics of a tensor from those of its parts (statistics.partial), at `slot` of a report.
// rounds: parts
const VALUES = 8u;

struct Params { parts: u32, slot: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> report: array<f32>;

@compute @workgroup_size(8)
fn statistics_combine(@builtin(local_invocation_index) local: u32) {
  var value = partials[local];
  for (var i = 1u; i < params.parts; i++) {
    let other = partials[i * VALUES + local];
    if (local == 3u) {
      value = min(value, other);
    } else if (local == 4u) {
      value = max(value, other);
    } else {
      value += other;
    }
  }
  report[params.slot * VALUES + local] = value;
}
