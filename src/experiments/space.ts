/** The space of a hyperparameter search: what settings may be, as data. */
import { checkOptions } from '../checks';
import { GradloomError, showValue } from '../errors';
import type { Random } from '../random';

/** A range of numbers: `uniform` and `logUniform` from low to high, `int` whole numbers of both ends, `logInt` the same evenly in scale. */
export type SearchRange =
  | { uniform: readonly [low: number, high: number] }
  | { logUniform: readonly [low: number, high: number] }
  | { int: readonly [low: number, high: number] }
  | { logInt: readonly [low: number, high: number] };

/** Settings by name: a list to choose from, or a range. */
export type SearchSpace = Readonly<Record<string, readonly unknown[] | SearchRange>>;

/** One value for each name of a space. */
export type Settings = Record<string, any>;

const RANGES = ['uniform', 'logUniform', 'int', 'logInt'] as const;

const fail = (argument: string, got: string, expected: string) =>
  new GradloomError({ code: 'argument', op: 'search', argument, got, expected });

/** @throws GradloomError `argument` for what is no space. */
export function checkSpace(space: unknown): asserts space is SearchSpace {
  if (typeof space !== 'object' || space === null || Array.isArray(space) || Object.keys(space).length === 0)
    throw fail(
      'space',
      showValue(space),
      "settings by name: { lr: { logUniform: [1e-4, 1e-1] }, act: ['relu', 'tanh'] }",
    );
  for (const [name, values] of Object.entries(space)) {
    const argument = `space.${name}`;
    if (Array.isArray(values)) {
      if (values.length === 0) throw fail(argument, 'an empty list', 'at least one value');
      continue;
    }
    const expected =
      'a list of values, or one of { uniform }, { logUniform }, { int }, { logInt } with [low, high]';
    if (typeof values !== 'object' || values === null) throw fail(argument, showValue(values), expected);
    checkOptions(`search ${argument}`, values, RANGES);
    const [[kind, limits] = []] = Object.entries(values) as [string, unknown][];
    if (Object.keys(values).length !== 1 || !Array.isArray(limits) || limits.length !== 2)
      throw fail(argument, showValue(values), expected);
    const [low, high] = limits as unknown[];
    const isWhole = kind === 'int' || kind === 'logInt';
    const isNumber = (value: unknown) => (isWhole ? Number.isSafeInteger(value) : Number.isFinite(value));
    if (!isNumber(low) || !isNumber(high) || (low as number) > (high as number))
      throw fail(
        argument,
        `[${limits}]`,
        isWhole ? 'two whole numbers, the smaller one first' : 'two numbers, the smaller one first',
      );
    if (kind!.startsWith('log') && !((low as number) > 0))
      throw fail(argument, `[${limits}]`, 'numbers above 0');
  }
}

/** The value of a range at a fraction of its way, from 0 to below 1; from 0 to 1 where the end is wanted. */
function valueAt(range: SearchRange, fraction: number): number {
  const log = ([low, high]: readonly [number, number]) => low * (high / low) ** fraction;
  if ('uniform' in range) return range.uniform[0] + fraction * (range.uniform[1] - range.uniform[0]);
  if ('logUniform' in range) return log(range.logUniform);
  const limits = 'int' in range ? range.int : range.logInt;
  // Each whole number has the room from half below it to half above it.
  const [low, high] = [limits[0] - 0.5, limits[1] + 0.5];
  const value = 'int' in range ? low + fraction * (high - low) : log([low, high]);
  return Math.min(Math.max(Math.round(value), limits[0]), limits[1]);
}

/** Random settings. */
export function drawSettings(space: SearchSpace, random: Random): Settings {
  return mapSpace(space, (values) =>
    Array.isArray(values)
      ? values[random.integer(values.length)]
      : valueAt(values as SearchRange, random.uniform()),
  );
}

/**
 * All combinations, the last name changing first; of a range so many values from end to end (whole numbers once each).
 * @throws GradloomError `argument`: a range without `points`.
 */
export function gridSettings(space: SearchSpace, points: number | undefined): Settings[] {
  const lists = mapSpace(space, (values, name): readonly unknown[] => {
    if (Array.isArray(values)) return values;
    if (points === undefined)
      throw fail(
        `space.${name}`,
        showValue(values),
        "a list of values for a grid, or { type: 'grid', points: n } for ranges",
      );
    const at = (i: number) => valueAt(values as SearchRange, points === 1 ? 0.5 : i / (points - 1));
    return [...new Set(Array.from({ length: points }, (_, i) => at(i)))];
  });
  let settings: Settings[] = [{}];
  for (const [name, values] of Object.entries(lists))
    settings = settings.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  return settings;
}

function mapSpace<T>(
  space: SearchSpace,
  make: (values: SearchSpace[string], name: string) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(space).map(([name, values]) => [name, make(values, name)]));
}

/**
 * A copy of JSON in which each text `$name` is the setting of that name.
 * @throws GradloomError `argument` for names that the settings lack.
 */
export function withSettings<T>(template: T, settings: Settings): T {
  if (typeof template === 'string' && template.startsWith('$')) {
    const name = template.slice(1);
    if (Object.hasOwn(settings, name)) return settings[name];
    throw fail(
      'space',
      `no ${name}, which ${template} stands for`,
      `one of ${Object.keys(settings).join(', ')}`,
    );
  }
  if (Array.isArray(template)) return template.map((item) => withSettings(item, settings)) as T;
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [key, withSettings(value, settings)]),
  ) as T;
}
