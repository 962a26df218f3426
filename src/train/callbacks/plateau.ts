/** A lower learning rate when a metric gets no better, on top of a schedule. */
import { Plateau, type PlateauOptions, type PlateauState } from '../../optim/plateau';
import type { Callback } from '../types';
import { metricOf } from './monitor';

/**
 * As keras.callbacks.ReduceLROnPlateau, with the options and numbers of torch.optim.lr_scheduler.ReduceLROnPlateau: sets
 * `trainer.learningRate` to a part of what it is.
 * @throws GradloomError `argument` for unknown options, and where there is no such metric.
 */
export function reduceOnPlateau(options: PlateauOptions = {}): Callback {
  const plateau = new Plateau(options);
  return {
    name: 'reduceOnPlateau',
    onEpochEnd(info, { trainer }) {
      if (plateau.step(metricOf('reduceOnPlateau', info, plateau.monitor)))
        trainer.learningRate = plateau.reduced(trainer.learningRate);
    },
    save: () => ({ values: plateau.saved }),
    load({ values }) {
      plateau.saved = values as PlateauState;
    },
  };
}
