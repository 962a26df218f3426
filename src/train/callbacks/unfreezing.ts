/** Gradual unfreezing, as in ULMFiT: parts of a model join training one after the other. */
import { checkCount, checkOptions } from '../../checks';
import { GradloomError, showValue } from '../../errors';
import type { Module } from '../../nn/module';
import type { Callback } from '../types';

export interface GradualUnfreezingOptions {
  /** Names or patterns of the parts, those that are trained from the start first: `[['fc'], ['layer4.*'], ['layer3.*']]`. */
  stages: readonly (string | readonly string[])[];
  /** Epochs from one part to the next. Default 1. */
  everyEpochs?: number;
}

/**
 * Freezes the model and lets its parts join training one after the other; what joined stays.
 * @throws GradloomError `argument` for a name or pattern that matches nothing.
 * Source: Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification", 2018.
 */
export function gradualUnfreezing(model: Module, options: GradualUnfreezingOptions): Callback {
  checkOptions('gradualUnfreezing', options ?? null, ['stages', 'everyEpochs']);
  const { stages, everyEpochs = 1 } = options;
  checkCount('gradualUnfreezing', 'everyEpochs', everyEpochs);
  if (!Array.isArray(stages) || stages.length === 0) {
    const [got, expected] = [showValue(stages), 'a list of names or patterns, one for each part'];
    throw new GradloomError({ code: 'argument', op: 'gradualUnfreezing', argument: 'stages', got, expected });
  }
  /** The first `count` parts are trained, the others not. */
  const train = (count: number) => {
    model.freeze();
    for (const stage of stages.slice(0, count)) model.unfreeze(...[stage].flat());
  };
  train(stages.length); // refuses names that match nothing
  train(1);
  return {
    name: 'gradualUnfreezing',
    onEpochEnd({ epoch }) {
      if ((epoch + 1) % everyEpochs === 0) train(1 + (epoch + 1) / everyEpochs);
    },
    save: () => ({
      values: {
        frozen: model
          .parameters()
          .filter((v) => !v.requiresGrad)
          .map(({ name }) => name),
      },
    }),
    load({ values }) {
      const { frozen } = values as { frozen: string[] };
      model.unfreeze();
      if (frozen.length > 0) model.freeze(...frozen);
    },
  };
}
