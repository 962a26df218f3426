/** Checks of arguments that several methods share. */
import { formatShape, GradloomError, nearest } from '../errors';

/** @throws GradloomError `argument` unless `value` is a whole number from 1. */
export function checkCount(op: string, argument: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  const got = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new GradloomError({ code: 'argument', op, argument, got, expected: 'a whole number from 1' });
}

/** @throws GradloomError `argument` unless `seed` is a whole number from 0 to 2^53 - 1: others would share a stream. */
export function checkSeed(op: string, seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return;
  const expected = 'a whole number from 0 to 2^53 - 1';
  throw new GradloomError({ code: 'argument', op, argument: 'seed', got: String(seed), expected });
}

/** @throws GradloomError `argument` for options other than the known ones, such as `batch_size`. */
export function checkOptions(op: string, options: object | undefined, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const got = Array.isArray(options) ? formatShape([options.length]) : String(options);
    throw new GradloomError({ code: 'argument', op, argument: 'options', got, expected: 'an object' });
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const camel = unknown.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const near = known.includes(camel) ? camel : nearest(unknown, known);
  throw new GradloomError({
    code: 'argument',
    op,
    argument: unknown,
    got: 'not an option',
    expected: `one of ${known.join(', ')}`,
    fix: near && `Did you mean ${near}?`,
  });
}
