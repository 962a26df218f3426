/** The values that change from step to step, as `shaders/lib/step.wgsl` lays them out. */

export interface StepValues {
  /** Key of every random stream; up to 2^53. */
  seed?: number;
  /** Number of the optimizer step, from 0. */
  index?: number;
  batchStart?: number;
  slot?: number;
  epoch?: number;
  learningRate?: number;
  /** Up to five values that the optimizer derives from the step number. */
  derived?: readonly number[];
}

export const STEP_BYTES = 48;

/** Writes `values` into a reused buffer of `STEP_BYTES`. */
export function writeStepValues(values: StepValues, view: DataView): void {
  const seed = values.seed ?? 0;
  view.setUint32(0, seed >>> 0, true);
  view.setUint32(4, Math.floor(seed / 2 ** 32), true);
  view.setUint32(8, values.index ?? 0, true);
  view.setUint32(12, values.batchStart ?? 0, true);
  view.setUint32(16, values.slot ?? 0, true);
  view.setUint32(20, values.epoch ?? 0, true);
  view.setFloat32(24, values.learningRate ?? 0, true);
  for (let i = 0; i < 5; i++) view.setFloat32(28 + 4 * i, values.derived?.[i] ?? 0, true);
}
