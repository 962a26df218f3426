// One time step of a recurrent cell (lstm, gru, rnn) in one direction: what their kernels share. A thread computes four
// sequences and one lane of hidden units: four neighbouring units in the variant `wide`, for hidden sizes that are multiples
// of 4, else one (`narrow`). All arrays of numbers are indexed in lanes. Row (t, n) of a sequence is t * row_t + n * row_n.
// Beyond the end of a sequence its states stay as they are and y is 0.

@if(wide) alias Lane = vec4<f32>;
@if(narrow) alias Lane = f32;
/// One sequence per column, with the units of a lane as components.
@if(wide) alias Sums = mat4x4<f32>;
@if(narrow) alias Sums = vec4<f32>;
/// Four rows of a lane of the recurrent weight, or one.
@if(wide) alias Weights = mat4x4<f32>;
@if(narrow) alias Weights = f32;

/// Units of a lane.
@if(wide) const LANE = 4u;
@if(narrow) const LANE = 1u;

// Compile-time constants: threads per workgroup; whether sequences may end before the last step.
const GROUP = 64u;
const HAS_LENGTHS = 0u;

struct Params {
  batch: u32,
  hidden: u32,
  t: u32,
  /// Backward: the step computed before, whose gate gradients reach this one.
  t_after: u32,
  row_t: u32,
  row_n: u32,
  has_h: u32,
  has_c: u32,
  has_bias: u32,
  has_dy: u32,
  has_dh: u32,
  has_dc: u32,
  /// 1 for the first step of the backward pass: no step comes after it.
  is_first: u32,
  /// 1 for the dispatch after its last step, which only completes dh.
  finish: u32,
  /// Recurrent dropout: where the dropped states lie in h_in and go in h_out (0: nowhere), and the mask.
  masked_in: u32,
  masked_out: u32,
  drop_node: u32,
  drop_threshold: u32,
  drop_scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
/// The recurrent weight W, [gates * H, H].
@group(0) @binding(1) var<storage, read> weight: array<Lane>;
@group(0) @binding(2) var<storage, read> lengths: array<i32>;

/// Lane j of the units of `count` sequences from `first` on; none when the thread has nothing to do.
struct Place {
  j: u32,
  first: u32,
  count: u32,
}

fn place_of(index: u32) -> Place {
  let lanes = params.hidden / LANE;
  let first = index / lanes * 4u;
  return Place(index % lanes, first, min(params.batch - min(first, params.batch), 4u));
}

/// The four sequences of a thread; those behind the last are copies of it, of which nothing is stored.
fn sequences(place: Place) -> vec4<u32> {
  return min(place.first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(params.batch - 1u));
}

/// Lane j of one sequence n at this step.
struct Unit {
  n: u32,
  j: u32,
  /// Where it lies in arrays [rows, H] and in states [N, H].
  at: u32,
  state: u32,
  /// Whether the sequence ends before this step.
  has_ended: bool,
}

fn unit_of(place: Place, s: u32) -> Unit {
  let lanes = params.hidden / LANE;
  let n = place.first + s;
  let row = params.t * params.row_t + n * params.row_n;
  return Unit(n, place.j, row * lanes + place.j, n * lanes + place.j, HAS_LENGTHS == 1u && i32(params.t) >= lengths[n]);
}

/// Where value i of `count` values per unit lies, [rows, count * H].
fn value_at(unit: Unit, count: u32, i: u32) -> u32 {
  let lanes = params.hidden / LANE;
  return (unit.at - unit.j) * count + i * lanes + unit.j;
}

/// The rows of the weight from lane i on, `stride` lanes apart.
@if(wide)
fn weights_at(i: u32, stride: u32) -> Weights {
  return mat4x4<f32>(weight[i], weight[i + stride], weight[i + 2u * stride], weight[i + 3u * stride]);
}
@if(narrow)
fn weights_at(i: u32, stride: u32) -> Weights {
  return weight[i];
}

@if(wide)
fn sums_of(a: Lane, b: Lane, c: Lane, d: Lane) -> Sums {
  return mat4x4<f32>(a, b, c, d);
}
@if(narrow)
fn sums_of(a: Lane, b: Lane, c: Lane, d: Lane) -> Sums {
  return vec4<f32>(a, b, c, d);
}
