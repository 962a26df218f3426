/** Cross validation: a model trained and measured once for each part of the data. */
import { checkOptions } from '../checks';
import { GradloomError, showValue } from '../errors';
import type { Device } from '../gpu/device';
import type { Module } from '../nn/module';
import { Trainer } from '../train/trainer';
import type { Evaluation, FitOptions, MetricSpec, TrainerOptions, TrainingData } from '../train/types';

export interface CrossValidationOptions {
  trainer: TrainerOptions;
  fit?: FitOptions;
  /** Measured beside loss and accuracy. */
  metrics?: readonly MetricSpec[];
  onFold?(fold: number, measured: Evaluation): unknown;
}

/** Mean and sample standard deviation over the folds. */
export interface Spread {
  mean: number;
  std: number;
}

export interface CrossValidation {
  folds: Evaluation[];
  loss: Spread;
  accuracy?: Spread;
  /** Of the metrics that are one number. */
  metrics?: Record<string, Spread>;
}

/**
 * Trains a model of its own for each fold on the rest and measures it on the fold.
 * @param folds as `kFold` makes them
 * @throws GradloomError `argument`: fewer than two folds, options that are none.
 */
export async function crossValidate(
  device: Device,
  makeModel: (fold: number) => Module,
  folds: readonly { train: TrainingData; validation: TrainingData }[],
  options: CrossValidationOptions,
): Promise<CrossValidation> {
  checkOptions('crossValidate', options ?? null, ['trainer', 'fit', 'metrics', 'onFold']);
  const refuse = (argument: string, got: unknown, expected: string) =>
    new GradloomError({ code: 'argument', op: 'crossValidate', argument, got: showValue(got), expected });
  if (typeof makeModel !== 'function') throw refuse('makeModel', makeModel, 'a function that makes a model');
  if (!Array.isArray(folds) || folds.length < 2)
    throw refuse('folds', folds, 'at least two { train, validation }');
  const { trainer: trainerOptions, fit, metrics, onFold } = options;
  const measured: Evaluation[] = [];
  for (const [fold, { train, validation }] of folds.entries()) {
    const trainer = new Trainer(device, makeModel(fold), trainerOptions);
    try {
      await trainer.fit(train, fit);
      measured.push(await trainer.evaluate(validation, { metrics }));
    } finally {
      await trainer.dispose();
    }
    await onFold?.(fold, measured[fold]);
  }
  const accuracies = measured.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
  const named = Object.entries(measured[0].metrics ?? {}).filter(([, value]) => typeof value === 'number');
  return {
    folds: measured,
    loss: spread(measured.map(({ loss }) => loss)),
    ...(accuracies.length === measured.length && { accuracy: spread(accuracies) }),
    ...(named.length > 0 && {
      metrics: Object.fromEntries(
        named.map(([name]) => [name, spread(measured.map((one) => one.metrics![name] as number))]),
      ),
    }),
  };
}

function spread(values: readonly number[]): Spread {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, std: Math.sqrt(variance) };
}
