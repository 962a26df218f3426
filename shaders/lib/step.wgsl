// Values that change from step to step, written by the host once per step; all else is fixed when a plan is made.
// The host side is src/graph/runtime/step-values.ts.

// shared with the host
struct Step {
  /// The seed, low and high word: the key of every random stream.
  seed_lo: u32,
  seed_hi: u32,
  /// Number of the optimizer step since the start of training, from 0: part of every random counter.
  index: u32,
  /// Position of the batch's first sample in the epoch's order.
  batch_start: u32,
  /// Slot of this step in the history of metrics.
  slot: u32,
  /// Number of the epoch: part of the shuffle's key.
  epoch: u32,
  /// Learning rate of this step.
  lr: f32,
  /// What the optimizer derives from the step number, in its own order.
  h0: f32,
  h1: f32,
  h2: f32,
  h3: f32,
  h4: f32,
  /// Factor on all gradients before clipping: 1 / n for the mean of n accumulated ones.
  grad_scale: f32,
}
