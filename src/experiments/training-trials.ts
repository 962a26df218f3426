/** Trials that train a model: made of its settings, measured on validation data, freed before the next. */
import { checkOptions } from '../checks';
import { GradloomError, showValue } from '../errors';
import type { Device } from '../gpu/device';
import type { Module } from '../nn/module';
import { Trainer } from '../train/trainer';
import type { Evaluation, FitOptions, TrainerOptions, TrainingData } from '../train/types';
import {
  type SearchOptions,
  type SearchOutcome,
  search,
  type TrialContext,
  type TrialResult,
} from './search';
import type { Settings } from './space';

export interface TrainingSearchOptions extends Omit<SearchOptions, 'trial' | 'goal'> {
  train: TrainingData;
  /** What trials are measured on. */
  validation: TrainingData;
  /** Makes the model of a trial; initial values come from the trainer's seed. */
  model(settings: Settings): Module;
  /** Options of its trainer. */
  trainer(settings: Settings): TrainerOptions;
  /** Options of its `fit`; `epochs` is the budget where the strategy has one. */
  fit?(settings: Settings): FitOptions;
  /** `'loss'` (default), `'accuracy'`, or a metric of `evaluate` that is one number. */
  metric?: string;
  /** Default: max for accuracies, scores and the like, min for losses and errors. */
  goal?: 'min' | 'max';
}

/** Metrics that are better when they are small. */
const SMALL = /loss|error|perplexity|^r?m[as]e$/i;

/**
 * Searches settings of models and training: a model and a trainer per trial, in turn on one device. Trials of successive halving
 * go on from where they were.
 * @throws GradloomError as `search`.
 */
export function searchTraining(device: Device, options: TrainingSearchOptions): Promise<SearchOutcome> {
  const own = ['train', 'validation', 'model', 'trainer', 'fit', 'metric'] as const;
  const { train, validation, model, trainer, fit, metric = 'loss', ...rest } = options ?? {};
  for (const [name, value] of Object.entries({ model, trainer })) {
    if (typeof value === 'function') continue;
    const expected = 'a function of the settings';
    throw new GradloomError({
      code: 'argument',
      op: 'searchTraining',
      argument: name,
      got: showValue(value),
      expected,
    });
  }
  const known = ['space', 'strategy', 'goal', 'seed', 'store', 'about', 'onTrial', 'signal'];
  checkOptions('searchTraining', options, [...own, ...known]);
  return search({
    ...rest,
    goal: rest.goal ?? (SMALL.test(metric) ? 'min' : 'max'),
    trial: (settings, context) => runTraining(device, options, settings, context),
  });
}

async function runTraining(
  device: Device,
  { train, validation, model, trainer: optionsOf, fit: fitOptionsOf, metric = 'loss' }: TrainingSearchOptions,
  settings: Settings,
  { budget, state, signal }: TrialContext,
): Promise<TrialResult> {
  const trainer = new Trainer(device, model(settings), optionsOf(settings));
  try {
    const resume = state as Uint8Array | undefined;
    await trainer.fit(train, {
      ...fitOptionsOf?.(settings),
      signal,
      resume,
      ...(budget !== undefined && { epochs: budget }),
    });
    const metrics = metric === 'loss' || metric === 'accuracy' ? undefined : [metric];
    const measured = await trainer.evaluate(validation, { metrics });
    const { loss, accuracy } = measured;
    return {
      value: metricValue(measured, metric),
      metrics: {
        ...(metric !== 'loss' && { loss }),
        ...(accuracy !== undefined && metric !== 'accuracy' && { accuracy }),
      },
      ...(budget !== undefined && { state: await trainer.checkpoint() }),
    };
  } finally {
    await trainer.dispose();
  }
}

/** @throws GradloomError `argument` for a metric that is not one number. */
function metricValue(measured: Evaluation, metric: string): number {
  const value =
    metric === 'loss'
      ? measured.loss
      : metric === 'accuracy'
        ? measured.accuracy
        : measured.metrics?.[metric];
  if (typeof value === 'number') return value;
  throw new GradloomError({
    ...{
      code: 'argument',
      op: 'searchTraining',
      argument: 'metric',
      got: `${showValue(metric)}, which is ${showValue(value)}`,
    },
    expected: 'a metric that is one number for this data',
  });
}
