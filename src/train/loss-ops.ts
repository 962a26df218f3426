/** All losses, as ops and by name. A page that imports this loads every one; the trainer loads what it is told (loss.ts). */
import type { OpInfo } from '../graph/ir/op';
import * as functions from '../ops/loss';
import { asFunction, type LossFunction, type LossSpec, nameOf } from './loss';

/** Ops that are losses of one output and one target. */
export function lossOps(): OpInfo[] {
  return Object.values(functions).flatMap((op) => {
    if (!('info' in op)) return [];
    const { inputs, attrs } = op.info;
    return inputs[0]?.name === 'x' && inputs[1]?.name === 'target' && 'reduction' in attrs.shape
      ? [op.info]
      : [];
  });
}

/** @throws GradloomError for unknown names and attributes. */
export function createLoss(spec: LossSpec): LossFunction {
  const name = nameOf(spec);
  return asFunction(lossOps().find((op) => op.name === name)!, spec);
}
