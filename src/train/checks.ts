/** Checks of arguments that several methods share. */
import { GradloomError } from '../errors';

/** @throws GradloomError `argument` unless `value` is a whole number from 1. */
export function checkCount(op: string, argument: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new GradloomError({
    code: 'argument',
    op,
    argument,
    got: String(value),
    expected: 'a whole number from 1',
  });
}
