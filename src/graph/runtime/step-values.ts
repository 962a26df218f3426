/** The values that change from step to step, as `shaders/lib/step.wgsl` lays them out. */
import { BINDING_ALIGNMENT } from '../../gpu/buffers';
import { step as layout } from '../../kernels/constants.generated';

/** Fields of the step struct that an optimizer reads. */
export interface UpdateValues {
  learningRate: number;
  /** Up to five values that the optimizer derives from the step number. */
  derived: readonly number[];
}

export interface StepValues extends Partial<UpdateValues> {
  /** Key of every random stream; up to 2^53. */
  seed?: number;
  /** Number of the step, from 0: part of every random counter. */
  index?: number;
  batchStart?: number;
  slot?: number;
  epoch?: number;
  /** Factor on all gradients before clipping. Default 1. */
  gradientScale?: number;
  /** Values of the step structs 1, 2, ... of plans with several parameter groups; all else is as in struct 0. */
  more?: readonly UpdateValues[];
}

/** Bytes of one step struct. */
export const STEP_BYTES = layout.Step.size;
/** Distance of step structs in a buffer: each can be bound by itself. */
export const STEP_STRIDE = BINDING_ALIGNMENT;

/** Bytes of `slots` step structs. */
export const stepBytes = (slots: number): number => (slots - 1) * STEP_STRIDE + STEP_BYTES;

/** Writes `slots` structs into a reused buffer of `stepBytes(slots)`. */
export function writeStepValues(values: StepValues, view: DataView, slots = 1): void {
  const { seed = 0, learningRate = 0, derived = [], more = [] } = values;
  for (let slot = 0; slot < slots; slot++) {
    const at = slot * STEP_STRIDE;
    const update = slot === 0 ? { learningRate, derived } : more[slot - 1];
    view.setUint32(at + layout.Step.seed_lo, seed >>> 0, true);
    view.setUint32(at + layout.Step.seed_hi, Math.floor(seed / 2 ** 32), true);
    view.setUint32(at + layout.Step.index, values.index ?? 0, true);
    view.setUint32(at + layout.Step.batch_start, values.batchStart ?? 0, true);
    view.setUint32(at + layout.Step.slot, values.slot ?? 0, true);
    view.setUint32(at + layout.Step.epoch, values.epoch ?? 0, true);
    view.setFloat32(at + layout.Step.lr, update?.learningRate ?? 0, true);
    for (let i = 0; i < 5; i++) view.setFloat32(at + layout.Step.h0 + 4 * i, update?.derived[i] ?? 0, true);
    view.setFloat32(at + layout.Step.grad_scale, values.gradientScale ?? 1, true);
  }
}
