/** Schemas of values with parts. */
import {
  type Absent,
  type Check,
  type Issue,
  type input,
  type Json,
  kindOf,
  type Optional,
  type output,
  Schema,
  unexpected,
} from './schema';

export class ArraySchema<O, I> extends Schema<O[], I[]> {
  constructor(
    private readonly item: Schema<O, I>,
    private readonly checks: readonly Check[] = [],
  ) {
    super();
  }
  private with(test: (items: unknown[]) => boolean, message: string, json: Json): ArraySchema<O, I> {
    return new ArraySchema(this.item, [...this.checks, { test, message, json }]);
  }
  min(least: number): ArraySchema<O, I> {
    const message = `Too small: expected array to have >=${least} items`;
    return this.with(({ length }) => length >= least, message, { minItems: least });
  }
  length(size: number): ArraySchema<O, I> {
    const [small, big] = ['small', 'big'].map(
      (word) => `Too ${word}: expected array to have exactly ${size} items`,
    );
    const json = { minItems: size, maxItems: size };
    return this.with(({ length }) => length >= size, small, {}).with(
      ({ length }) => length <= size,
      big,
      json,
    );
  }
  read(value: unknown, path: Issue['path'], issues: Issue[]): unknown {
    if (!Array.isArray(value)) {
      issues.push({ path, message: unexpected('array', value) });
      return value;
    }
    const read = value.map((item, i) => this.item.read(item, [...path, i], issues));
    for (const { test, message } of this.checks) if (!test(read)) issues.push({ path, message, soft: true });
    return read;
  }
  toJSONSchema(): Json {
    return Object.assign(
      { type: 'array', items: this.item.toJSONSchema() },
      ...this.checks.map(({ json }) => json),
    );
  }
}
export const array = <O, I>(item: Schema<O, I>): ArraySchema<O, I> => new ArraySchema(item);

export class Tuple<O, I> extends Schema<O, I> {
  constructor(private readonly items: readonly Schema<any>[]) {
    super();
  }
  read(value: unknown, path: Issue['path'], issues: Issue[]): unknown {
    if (!Array.isArray(value)) {
      issues.push({ path, message: unexpected('tuple', value) });
      return value;
    }
    const { length } = this.items;
    if (value.length !== length) {
      const [word, sign] = value.length > length ? ['big', '<='] : ['small', '>='];
      issues.push({ path, message: `Too ${word}: expected array to have ${sign}${length} items` });
      return value;
    }
    return this.items.map((item, i) => item.read(value[i], [...path, i], issues));
  }
  toJSONSchema(): Json {
    const { length } = this.items;
    const prefixItems = this.items.map((item) => item.toJSONSchema());
    return { type: 'array', prefixItems, items: false, minItems: length, maxItems: length };
  }
}
export const tuple = <const T extends readonly Schema<any>[]>(
  items: T,
): Schema<{ -readonly [K in keyof T]: output<T[K]> }, { -readonly [K in keyof T]: input<T[K]> }> =>
  new Tuple(items);

export class Union<O, I> extends Schema<O, I> {
  constructor(private readonly options: readonly Schema<any>[]) {
    super();
  }
  read(value: unknown, path: Issue['path'], issues: Issue[]): unknown {
    let near: Issue[] | undefined;
    let count = 0;
    for (const option of this.options) {
      const found: Issue[] = [];
      const read = option.read(value, path, found);
      if (found.length === 0) return read;
      if (found.every(({ soft }) => soft)) {
        near = found;
        count++;
      }
    }
    // Where one alternative alone has the right type, its message says more.
    issues.push(...(near && count === 1 ? near : [{ path, message: 'Invalid input' }]));
    return value;
  }
  toJSONSchema(): Json {
    return { anyOf: this.options.map((option) => option.toJSONSchema()) };
  }
}
export const union = <const T extends readonly Schema<any>[]>(
  options: T,
): Schema<output<T[number]>, input<T[number]>> => new Union(options);

const isObject = (value: unknown): value is Json => kindOf(value) === 'object';

export class RecordSchema<O, I> extends Schema<Record<string, O>, Record<string, I>> {
  constructor(private readonly value: Schema<O, I>) {
    super();
  }
  read(value: unknown, path: Issue['path'], issues: Issue[]): unknown {
    if (!isObject(value)) {
      issues.push({ path, message: unexpected('record', value) });
      return value;
    }
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, this.value.read(item, [...path, key], issues)]),
    );
  }
  toJSONSchema(): Json {
    return {
      type: 'object',
      propertyNames: { type: 'string' },
      additionalProperties: this.value.toJSONSchema(),
    };
  }
}
/** An object with any keys. */
export const record = <O, I>(
  _: Schema<string>,
  value: Schema<O, I>,
): Schema<Record<string, O>, Record<string, I>> => new RecordSchema(value);

export type Shape = Readonly<Record<string, Schema<any, any>>>;
export type Flat<T> = { [K in keyof T]: T[K] };
export type OutputOf<S extends Shape> = Flat<
  { [K in keyof S as S[K] extends Optional<any, any> ? never : K]: output<S[K]> } & {
    [K in keyof S as S[K] extends Optional<any, any> ? K : never]?: output<S[K]>;
  }
>;
export type InputOf<S extends Shape> = Flat<
  { [K in keyof S as S[K] extends Absent<any, any> ? never : K]: input<S[K]> } & {
    [K in keyof S as S[K] extends Absent<any, any> ? K : never]?: input<S[K]>;
  }
>;

/** An object with these keys and no others. */
export class ObjectSchema<S extends Shape = Shape> extends Schema<OutputOf<S>, InputOf<S>> {
  constructor(readonly shape: S) {
    super();
  }
  /** The same with more keys, or other schemas for some. */
  extend<T extends Shape>(more: T): ObjectSchema<Flat<Omit<S, keyof T> & T>> {
    return new ObjectSchema({ ...this.shape, ...more }) as ObjectSchema<any>;
  }
  /** The same without some keys. */
  omit<K extends keyof S>(keys: { [N in K]: true }): ObjectSchema<Flat<Omit<S, K>>> {
    const kept = Object.entries(this.shape).filter(([key]) => !(key in keys));
    return new ObjectSchema(Object.fromEntries(kept)) as ObjectSchema<any>;
  }
  read(value: unknown, path: Issue['path'], issues: Issue[]): unknown {
    if (!isObject(value)) {
      issues.push({ path, message: unexpected('object', value) });
      return value;
    }
    const read: Json = {};
    for (const [key, schema] of Object.entries(this.shape)) {
      const count = issues.length;
      const item = schema.read(value[key], [...path, key], issues);
      if (item !== undefined || key in value) read[key] = item;
      else if (!schema.mayBeAbsent && issues.length === count)
        issues.push({ path: [...path, key], message: unexpected('nonoptional', undefined) });
    }
    const unknown = Object.keys(value).filter((key) => !Object.hasOwn(this.shape, key));
    if (unknown.length > 0) {
      const names = unknown.map((key) => `"${key}"`).join(', ');
      const message = `Unrecognized key${unknown.length > 1 ? 's' : ''}: ${names}`;
      issues.push({ path, message, unknownKey: unknown[0] });
    }
    return read;
  }
  toJSONSchema(): Json {
    const entries = Object.entries(this.shape);
    const required = entries.filter(([, schema]) => !schema.mayBeAbsent).map(([key]) => key);
    return {
      type: 'object',
      properties: Object.fromEntries(entries.map(([key, schema]) => [key, schema.toJSONSchema()])),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
  }
}
export const strictObject = <S extends Shape>(shape: S): ObjectSchema<S> => new ObjectSchema(shape);
