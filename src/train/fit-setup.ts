/** Resolves training data, validation data and batches of a `fit`. */
import { checkCount } from '../checks';
import type { AugmentSpec } from '../data/augment/spec';
import type { DataLoader } from '../data/loader';
import { GradloomError, showValue } from '../errors';
import type { Augmenter } from './augment/augmenter';
import { batchSizeOf } from './batch-size';
import type { DataSplits } from './data-splits';
import { type FitData, isLoader, type TrainingData } from './fit-data';
import type { FitSettings } from './fit-loop';
import { isNamedLoss, type TrainerLoss } from './loss';
import { resolveData } from './resolve-data';
import type { FitOptions } from './types';

export interface FitSetup {
  training: TrainingData | DataLoader;
  validation: TrainingData | DataLoader | undefined;
  settings: FitSettings;
  dropLast: boolean;
}

/** @throws GradloomError `argument` for options that the data does not go with. */
export async function setUpFit(
  data: FitData,
  options: FitOptions,
  splits: DataSplits,
  seed: number,
): Promise<FitSetup> {
  const op = 'Trainer.fit';
  if (options.stepsPerEpoch !== undefined) checkCount(op, 'stepsPerEpoch', options.stepsPerEpoch);
  const { validationSplit, classWeight, sampleWeight } = options;
  if (validationSplit && classWeight !== undefined && sampleWeight === undefined) {
    // What is held out does not count among the classes.
    const whole = await resolveData(op, data, { ...options, classWeight: undefined }, seed);
    if (!isLoader(whole)) {
      const [part, validation] = splits.of(whole, validationSplit);
      return setUpFit(part, { ...options, validationSplit: undefined, validation }, splits, seed);
    }
  }
  const resolved = await resolveData(op, data, options, seed);
  const given = options.validation && (await resolveData(op, options.validation, { shuffle: false }, seed));
  const loader = isLoader(data) ? data : isLoader(resolved) ? resolved : undefined;
  if (isLoader(data)) checkLoaderDecides(options);
  if (isLoader(resolved)) {
    if (options.validationSplit)
      throw fail('validationSplit', String(options.validationSplit), 'a data set, or validation');
    const { batchSize, length } = resolved;
    const { shuffle = false, dropLast = false } = resolved.options;
    const { stepsPerEpoch = length } = options;
    const settings: FitSettings = { batchSize: batchSize ?? 0, shuffle, wraps: false };
    if (stepsPerEpoch !== undefined) settings.stepsPerEpoch = stepsPerEpoch;
    return { training: resolved, validation: given, settings, dropLast };
  }
  const { shuffle = loader ? (loader.options.shuffle ?? false) : true } = options;
  const { dropLast = loader?.options.dropLast ?? false } = options;
  const [training, validation] = options.validationSplit
    ? splits.of(resolved, options.validationSplit)
    : [resolved, given];
  const asked = loader ? Math.min(loader.batchSize!, training.length) : options.batchSize;
  const batchSize = batchSizeOf(op, training, asked);
  const batches = training.length / batchSize;
  const { stepsPerEpoch = dropLast ? Math.floor(batches) : Math.ceil(batches) } = options;
  const settings = { batchSize, stepsPerEpoch, shuffle, wraps: options.stepsPerEpoch !== undefined };
  return { training, validation, settings, dropLast };
}

/** The augmentation of a data set, whose code is loaded. @throws GradloomError `argument` for loaders. */
export async function augmenterOf(
  spec: AugmentSpec,
  loss: TrainerLoss,
  data: TrainingData | DataLoader,
): Promise<Augmenter> {
  const { Augmenter } = await import('./augment/augmenter');
  if (isLoader(data) || isNamedLoss(loss))
    throw fail('augment', 'given with a loader or weights', 'a data set, or a transform of the DataLoader');
  const augmenter = new Augmenter(spec, loss);
  augmenter.stagesFor(data);
  return augmenter;
}

function checkLoaderDecides(options: FitOptions): void {
  for (const name of ['batchSize', 'shuffle', 'dropLast'] as const) {
    if (options[name] === undefined) continue;
    throw fail(name, showValue(options[name]), 'no such option with a DataLoader, which decides it');
  }
}

const fail = (argument: string, got: string, expected: string) =>
  new GradloomError({ code: 'argument', op: 'Trainer.fit', argument, got, expected });
