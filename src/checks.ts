/** Checks of arguments that all layers share. */
import { GradloomError, nearest, showValue } from './errors';
import type * as z from './schema';

/** @throws GradloomError `argument` unless `value` is a whole number from 1. */
export function checkCount(op: string, argument: string, value: unknown): void {
  if (Number.isSafeInteger(value) && (value as number) > 0) return;
  const expected = 'a whole number from 1';
  throw new GradloomError({ code: 'argument', op, argument, got: showValue(value), expected });
}

/** @throws GradloomError `argument` naming the first of the sizes that is no whole number from 1. */
export function checkSizes(op: string, sizes: Readonly<Record<string, unknown>>): void {
  for (const [argument, value] of Object.entries(sizes)) checkCount(op, argument, value);
}

/** @throws GradloomError `argument` unless `seed` is a whole number from 0 to 2^53 - 1: others would share a stream. */
export function checkSeed(op: string, seed: unknown): void {
  if (Number.isSafeInteger(seed) && (seed as number) >= 0) return;
  const expected = 'a whole number from 0 to 2^53 - 1';
  throw new GradloomError({ code: 'argument', op, argument: 'seed', got: showValue(seed), expected });
}

/** @throws GradloomError `argument` for options other than the known ones, such as `batch_size`. */
export function checkOptions(op: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const got = showValue(options);
    const near = typeof options === 'number' || typeof options === 'boolean' ? known[0] : undefined;
    const fix = near && `For example { ${near}: ${got} }`;
    throw new GradloomError({ code: 'argument', op, argument: 'options', got, expected: 'an object', fix });
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
    expected: known.length > 0 ? `one of ${known.join(', ')}` : 'no options',
    fix: near && `Did you mean ${near}?`,
  });
}

/**
 * Options as their schema reads them, with defaults filled in.
 * @throws GradloomError `argument` naming the first that is unknown or wrong.
 */
export function parseOptions<A extends z.ObjectSchema>(
  op: string,
  schema: A,
  options: object,
  isUnknown = 'not an option',
): z.output<A> {
  const result = schema.safeParse(options);
  if (result.success) return result.data as z.output<A>;
  const { issue } = result;
  const known = Object.keys(schema.shape);
  const unknown = issue.unknownKey;
  const near = unknown && nearest(unknown, known);
  const given = issue.path.reduce((value: any, key) => value?.[key], options);
  throw new GradloomError({
    code: 'argument',
    op,
    argument: unknown ?? issue.path.join('.'),
    got: unknown ? isUnknown : given === undefined ? undefined : showValue(given),
    expected: unknown ? `one of ${known.join(', ') || 'none'}` : issue.message,
    fix: near ? `Did you mean ${near}?` : undefined,
  });
}
