// Running largest (or smallest) value along one dimension of x [outer, size, inner], as its position: of equals the last,
// and NaN wins, the last of several. Lines are cut into blocks as in scan.forward; one thread per block and line. Blocks
// of candidates [outer, size, inner] are lines of the positions that an earlier pass found in lines of `line` elements.
// rounds: block_size
// variants: max min
import package::lib::float::is_nan;
import package::lib::grid::workgroup_index;

struct Params {
  /// Blocks of all lines.
  n: u32,
  size: u32,
  inner: u32,
  blocks: u32,
  block_size: u32,
  /// 1: only the totals of the blocks are written.
  totals: u32,
  /// Elements of the lines of x, and whether positions come from `candidates`.
  line: u32,
  has_candidates: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> candidates: array<i32>;
/// Running positions of the blocks, when there are several.
@group(0) @binding(3) var<storage, read> before: array<i32>;
@group(0) @binding(4) var<storage, read_write> positions: array<i32>;

/// Whether a later value takes the place of an earlier one.
fn replaces(later: f32, earlier: f32) -> bool {
  @if(max) let beats = later >= earlier;
  @if(min) let beats = later <= earlier;
  return is_nan(later) || (!is_nan(earlier) && beats);
}

@compute @workgroup_size(64)
fn extreme_scan_forward(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = workgroup_index(group, groups) * 64u + local;
  if (thread >= params.n) {
    return;
  }
  let inner = thread % params.inner;
  let rest = thread / params.inner;
  let outer = rest / params.blocks;
  let this_block = rest % params.blocks;
  let first = this_block * params.block_size;
  let last = min(first + params.block_size, params.size);
  let base = outer * params.line * params.inner + inner;
  var best = -1;
  var value = 0.0;
  if (params.totals == 0u && this_block > 0u) {
    best = before[thread - params.inner];
    value = x[base + u32(best) * params.inner];
  }
  for (var r = first; r < last; r++) {
    let i = (outer * params.size + r) * params.inner + inner;
    var at = i32(r);
    if (params.has_candidates != 0u) {
      at = candidates[i];
    }
    let next = x[base + u32(at) * params.inner];
    if (best < 0 || replaces(next, value)) {
      best = at;
      value = next;
    }
    if (params.totals == 0u) {
      positions[i] = best;
    }
  }
  if (params.totals != 0u) {
    positions[thread] = best;
  }
}
