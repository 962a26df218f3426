/** Placement of modules: their parameters and buffers on a device, once for everybody who uses them. */
import type { Device } from '../gpu/device';
import { type Placement, VariableStore } from '../graph/runtime/variable-store';
import type { Module } from './module';

/**
 * Puts the variables of a module on a device; values that it does not have yet are initialized from `seed`. Trainers,
 * steps, predictors and generators of the module share the placed values; each holds them until it is disposed of.
 * @throws GradloomError `out-of-memory` with the bytes needed and allowed.
 */
export function place(device: Device, model: Module, { seed = 0 } = {}): Placement {
  return VariableStore.of(device).place(model.variables(), seed);
}
