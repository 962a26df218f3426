/** Early stopping with the best weights, as keras.callbacks.EarlyStopping. */
import { parseAttrs } from '../../graph/ir/op';
import type { StateDict } from '../../io/state-dict';
import * as z from '../../schema';
import type { Callback, FitControl } from '../types';
import { metricOf } from './monitor';

const schema = z.strictObject({
  monitor: z.string().optional(),
  mode: z.enum(['min', 'max']).optional(),
  minDelta: z.number().min(0).default(0),
  patience: z.int().min(0).default(0),
  baseline: z.number().optional(),
  startFromEpoch: z.int().min(0).default(0),
  restoreBestWeights: z.boolean().default(true),
});

export type EarlyStoppingOptions = z.input<typeof schema>;

/**
 * Stops when `monitor` (default: the validation loss, or the loss) got no better by more than `minDelta` for `patience` epochs,
 * and at the end puts the weights of the best epoch back. `mode` is max for accuracies by default, else min; NaN is no better.
 * @throws GradloomError `argument` for unknown options, and where there is no such metric.
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { monitor, minDelta, patience, baseline, startFromEpoch, ...rest } = parseAttrs(
    'earlyStopping',
    schema,
    options,
  );
  const { mode = /accuracy$/i.test(monitor ?? '') ? 'max' : 'min', restoreBestWeights } = rest;
  const worst = mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const isBetter = (value: number, than: number) =>
    mode === 'min' ? value + minDelta < than : value - minDelta > than;
  let state = { best: worst, wait: 0 };
  let weights: StateDict | undefined;
  return {
    name: 'earlyStopping',
    async onEpochEnd(info, { trainer, stop }: FitControl) {
      if (info.epoch < startFromEpoch) return;
      const value = metricOf('earlyStopping', info, monitor);
      state.wait++;
      if (isBetter(value, state.best)) {
        state.best = value;
        if (restoreBestWeights) weights = copyOf(await trainer.stateDict());
        if (baseline === undefined || isBetter(value, baseline)) state.wait = 0;
      }
      if (state.wait >= patience && state.wait > 0 && info.epoch > 0)
        stop(`${monitor ?? 'the loss'} got no better for ${state.wait} epochs`);
    },
    onTrainEnd(_, { trainer }) {
      if (weights) trainer.loadStateDict(weights);
    },
    save: () => ({
      values: { ...state, best: Number.isFinite(state.best) ? state.best : null },
      tensors: { ...weights },
    }),
    load({ values, tensors = {} }) {
      const { best, wait } = values as { best: number | null; wait: number };
      state = { best: best ?? worst, wait };
      weights = Object.keys(tensors).length > 0 ? copyOf(tensors) : undefined;
    },
  };
}

const copyOf = (state: StateDict): StateDict =>
  Object.fromEntries(
    Object.entries(state).map(([name, { shape, data }]) => [name, { shape: [...shape], data: data.slice() }]),
  );
