// order = a random permutation of 0 .. n-1 that depends on seed and epoch alone: a Feistel network over the smallest
// even number of bits that holds n, walked until the value is below n (on average under four walks). Every thread
// computes its own entry, so no pass depends on another.
// Source: Luby & Rackoff 1988; cycle walking: Black & Rogaway 2002.
// rounds: 700
import package::lib::grid::workgroup_index;
import package::lib::step::Step;

struct Params { n: u32, half_bits: u32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read_write> order: array<u32>;

/// A mixing of 32 bits: the finalizer of MurmurHash3.
fn mix(value: u32) -> u32 {
  var h = value;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}

fn permute(value: u32) -> u32 {
  let mask = (1u << params.half_bits) - 1u;
  var left = value >> params.half_bits;
  var right = value & mask;
  for (var round = 0u; round < 6u; round++) {
    let key = mix(step.seed_lo ^ mix(step.seed_hi ^ mix(step.epoch * 8u + round)));
    let next = left ^ (mix(right ^ key) & mask);
    left = right;
    right = next;
  }
  return (left << params.half_bits) | right;
}

@compute @workgroup_size(64)
fn shuffle_permute(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  if (i >= params.n) {
    return;
  }
  var position = permute(i);
  while (position >= params.n) {
    position = permute(position);
  }
  order[i] = position;
}
