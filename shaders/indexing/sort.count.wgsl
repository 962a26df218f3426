// First step of one pass of a stable radix sort by one digit of the keys: each thread counts the digits in its own run of
// `run` positions. counts is [DIGITS, runs], so that its running sum is where each run's keys of each digit go. `order` holds
// the positions as sorted so far; it is not read in the `first` pass.
// rounds: run + DIGITS
// lowering reads: DIGITS
import package::lib::grid::workgroup_index;
import package::lib::radix::{DIGITS, digit_of};

struct Params { n: u32, run: u32, runs: u32, shift: u32, first: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<u32>;

@compute @workgroup_size(64)
fn sort_count(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let mine = workgroup_index(group, groups) * 64u + local;
  if (mine >= params.runs) {
    return;
  }
  var found: array<u32, DIGITS>;
  let end = min((mine + 1u) * params.run, params.n);
  for (var i = mine * params.run; i < end; i++) {
    var position = i;
    if (params.first == 0u) {
      position = order[i];
    }
    found[digit_of(keys[position], params.shift)]++;
  }
  for (var digit = 0u; digit < DIGITS; digit++) {
    counts[digit * params.runs + mine] = found[digit];
  }
}
