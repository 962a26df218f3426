/** Errors of training steps. */
import { GradloomError, unknownName } from '../errors';

export const argumentError = (argument: string, got: string, expected: string) =>
  new GradloomError({ code: 'argument', op: 'TrainStep', argument, got, expected });

export const lostState = (updates: number) =>
  new GradloomError({
    code: 'device-lost',
    op: 'TrainStep',
    got: `the optimizer's state after ${updates} updates, which was lost with the GPU`,
    expected: 'a state of before',
    fix: 'Call load with what state() gave last',
  });

export const usageError = (method: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: `TrainStep.${method}`, got, expected, fix });

/** Gradients that wait for `apply` would be overwritten. */
export const gradientsWait = () =>
  usageError('run', 'gradients that wait for apply', 'none', 'Call apply or discardGradients first');

export const disposed = (method: string) =>
  usageError(
    method,
    'a step that was disposed of',
    'a step before dispose()',
    'Make a new TrainStep; the parameters keep their values',
  );

/** @throws GradloomError `argument` for what is no mode of `TrainStep.plan`. */
export function checkMode(mode: unknown): void {
  const modes = ['run', 'accumulate', 'evaluate'];
  if (!modes.includes(mode as string)) throw unknownName('TrainStep.plan', 'mode', mode, modes);
}
