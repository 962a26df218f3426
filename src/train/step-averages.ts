/** Averages of weights that a step's optimizers keep: for graphs that compute with them, and as state dicts. */
import { GradloomError } from '../errors';
import type { BufferSlice } from '../gpu/buffers';
import type { Variable } from '../graph/ir/variable';
import { VariableStore } from '../graph/runtime/variable-store';
import type { StateDict } from '../io/state-dict';
import type { StepParts } from './step-state';
import type { Updater } from './updater';

/** Where averages lie: what graphs take in place of the weights (`valuesOf`). */
export interface WeightAverages {
  /** Tells apart where they lie: part of the keys of plans that read them. */
  readonly key: string;
  /** The average of a variable; undefined where the variable's own values count: before the first average, and of buffers. */
  of(variable: Variable): BufferSlice | undefined;
}

/** @throws GradloomError `argument` where no optimizer keeps an average. */
export function averagesOf(op: string, updaters: readonly Updater[]): WeightAverages {
  if (!updaters.some(({ keepsAverage }) => keepsAverage)) {
    throw new GradloomError({
      code: 'argument',
      op,
      argument: 'averaged',
      got: 'true, of weights that nobody averages',
      expected: 'a trainer or step that averages them',
      fix: 'ema: { decay: 0.999 } or swa: {} among its options',
    });
  }
  return {
    key: updaters.map(({ averageKey }) => averageKey).join(),
    of(variable) {
      for (const updater of updaters) {
        const slice = updater.averageSlice(variable);
        if (slice) return slice;
      }
      return undefined;
    },
  };
}

/** Parameters and buffers by name, with the averages of the weights in place of those that have one. */
export async function averagedState({ device, updaters, variables }: StepParts): Promise<StateDict> {
  const averages = averagesOf('TrainStep.averagedState', updaters);
  const store = VariableStore.of(device);
  const slices = variables.map(([, variable]) => averages.of(variable) ?? store.slice(variable));
  const bytes = await device.readback.readAll(slices);
  return Object.fromEntries(
    variables.map(([name, { shape }], i) => [name, { shape: [...shape], data: new Float32Array(bytes[i]) }]),
  );
}
