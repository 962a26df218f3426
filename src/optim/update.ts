/** Inputs of an optimizer's update: a run of parameters, and the values that it depends on. */
import type { Shape, Tensor } from '../graph/ir/graph';

/** A run of parameters in memory with everything that its update touches, in blocks of 64 floats. */
export interface UpdateSegment {
  /** Floats of the run, padding included. */
  size: number;
  /** Shape of the parameter, where each is a run of its own (`perParameter`). */
  shape?: Shape;
  parameters: Tensor;
  gradients: Tensor;
  /** One tensor per name in `stateNames`, with the gradients' layout. */
  state: readonly Tensor[];
  /** Blocks of the run, [n, 2] (parameter block, state block); absent where both lie in one piece from 0 on. */
  blocks?: Tensor;
  /** Factor on all gradients, as clipping by norm computes it: element 0. */
  scale: Tensor;
  /** Gradients beyond +-clipValue are clipped. */
  clipValue: number;
  /** The plan's step struct with this group's learning rate and derived values. */
  stepSlot: number;
  /** Gradients of single parameters, which must be complete before the update. */
  after: Tensor[];
}

/** State of an update beside its number and learning rate. */
export interface UpdateContext {
  /** In place of the optimizer's momentum, or of its first beta: what cyclic schedules change. */
  momentum?: number;
  /** Numbers that the optimizer keeps from update to update of a group, such as NAdam's `mu_product`; part of a checkpoint. */
  memory: Record<string, number>;
}
