// Third step of one pass of the radix sort: each thread moves the positions of its run to where their digits belong,
// in their order, so that the sort is stable. counts is [DIGITS, runs] after the running sum.
// rounds: run + DIGITS
import package::lib::grid::workgroup_index;
import package::lib::radix::{DIGITS, digit_of};

struct Params { n: u32, run: u32, runs: u32, shift: u32, first: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> counts: array<u32>;
@group(0) @binding(4) var<storage, read_write> sorted: array<u32>;

@compute @workgroup_size(64)
fn sort_place(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let mine = workgroup_index(group, groups) * 64u + local;
  if (mine >= params.runs) {
    return;
  }
  var next: array<u32, DIGITS>;
  for (var digit = 0u; digit < DIGITS; digit++) {
    next[digit] = counts[digit * params.runs + mine];
  }
  let end = min((mine + 1u) * params.run, params.n);
  for (var i = mine * params.run; i < end; i++) {
    var position = i;
    if (params.first == 0u) {
      position = order[i];
    }
    let digit = digit_of(keys[position], params.shift);
    sorted[next[digit]] = position;
    next[digit]++;
  }
}
