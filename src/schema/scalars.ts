/** Schemas of single values. */
import { type Check, Checked, type Issue, type Json, kindOf, Schema, unexpected } from './schema';

export class Bounded extends Checked<number> {
  private with(test: Check['test'], message: string, json: Json): Bounded {
    return new Bounded(this.inner, [...this.checks, { test, message, json }]);
  }
  min(least: number): Bounded {
    return this.with((value) => value >= least, `Too small: expected number to be >=${least}`, {
      minimum: least,
    });
  }
  max(most: number): Bounded {
    return this.with((value) => value <= most, `Too big: expected number to be <=${most}`, { maximum: most });
  }
  gt(bound: number): Bounded {
    return this.with((value) => value > bound, `Too small: expected number to be >${bound}`, {
      exclusiveMinimum: bound,
    });
  }
  lt(bound: number): Bounded {
    return this.with((value) => value < bound, `Too big: expected number to be <${bound}`, {
      exclusiveMaximum: bound,
    });
  }
  positive(): Bounded {
    return this.gt(0);
  }
  override toJSONSchema(): Json {
    const { minimum, ...json } = super.toJSONSchema();
    return json.exclusiveMinimum === undefined && minimum !== undefined ? { ...json, minimum } : json;
  }
}

/** What one test of the value decides. */
export class Simple<T> extends Schema<T> {
  constructor(
    private readonly problem: (value: unknown) => string | undefined,
    private readonly schema: Json,
  ) {
    super();
  }
  read(value: unknown, path: Issue['path'], issues: Issue[]): unknown {
    const message = this.problem(value);
    if (message) issues.push({ path, message });
    return value;
  }
  toJSONSchema(): Json {
    return { ...this.schema };
  }
}

const ofKind = <T>(kind: string) =>
  new Simple<T>((value) => (kindOf(value) === kind ? undefined : unexpected(kind, value)), { type: kind });

/** A finite number. */
export const number = (): Bounded => new Bounded(ofKind('number'));
/** A whole number that a double holds exactly. */
export const int = (): Bounded =>
  new Bounded(
    new Simple<number>(
      (value) =>
        kindOf(value) !== 'number'
          ? unexpected('number', value)
          : Number.isInteger(value)
            ? undefined
            : unexpected('int', value),
      { type: 'integer' },
    ),
    [
      {
        test: (value) => value <= Number.MAX_SAFE_INTEGER,
        message: `Too big: expected int to be <=${Number.MAX_SAFE_INTEGER}`,
        json: { maximum: Number.MAX_SAFE_INTEGER },
      },
      {
        test: (value) => value >= Number.MIN_SAFE_INTEGER,
        message: `Too small: expected int to be >=${Number.MIN_SAFE_INTEGER}`,
        json: { minimum: Number.MIN_SAFE_INTEGER },
      },
    ],
  );
export const boolean = (): Schema<boolean> => ofKind('boolean');
export const string = (): Schema<string> => ofKind('string');
/** Whatever there is; whoever uses it looks at it. */
export const unknown = (): Schema<unknown> => new Simple(() => undefined, {});
export const any = (): Schema<any> => unknown();

type Primitive = string | number | boolean | null;
const quoted = (values: readonly Primitive[]) => values.map((value) => JSON.stringify(value)).join('|');

function oneOf<T extends Primitive>(values: readonly T[], schema: Json): Schema<T> {
  const expected = values.length === 1 ? 'Invalid input: expected' : 'Invalid option: expected one of';
  const message = `${expected} ${quoted(values)}`;
  return new Simple<T>((value) => (values.includes(value as T) ? undefined : message), {
    type: typeof values[0],
    ...schema,
  });
}

/** One value, or one of several. */
export function literal<const T extends Primitive>(value: T | readonly T[]): Schema<T> {
  const values = [value].flat() as T[];
  return oneOf(values, values.length === 1 ? { const: values[0] } : { enum: values });
}

const choice = <const T extends string>(names: readonly T[]): Schema<T> => oneOf(names, { enum: names });

/** One of several names. */
export { choice as enum };
