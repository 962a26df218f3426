// Second step of one pass of the radix sort: each of the n counts becomes the sum of those before it. One workgroup; each
// thread adds up a run, the run totals are added up in workgroup memory.
// rounds: n / 64 + 130
struct Params { n: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>;

var<workgroup> totals: array<u32, 128>;

@compute @workgroup_size(128)
fn sort_scan(@builtin(local_invocation_index) local: u32) {
  let run = (params.n + 127u) / 128u;
  let start = min(local * run, params.n);
  let end = min(start + run, params.n);
  var sum = 0u;
  for (var i = start; i < end; i++) {
    sum += counts[i];
  }
  totals[local] = sum;
  workgroupBarrier();
  var before = 0u;
  for (var i = 0u; i < local; i++) {
    before += totals[i];
  }
  for (var i = start; i < end; i++) {
    let count = counts[i];
    counts[i] = before;
    before += count;
  }
}
