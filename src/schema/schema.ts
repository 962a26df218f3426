/** What a schema is, and what makes another one of it: defaults, conversions, checks. */
/** Why a value is refused. */
export interface Issue {
  path: (string | number)[];
  message: string;
  /** The key that no object of this kind has. */
  unknownKey?: string;
  /** The type is right, the value is not: a union then speaks of this alternative. */
  soft?: boolean;
}

export type Json = Record<string, unknown>;
export type Check = { test(value: any): boolean; message: string; json?: Json };

/** Accepts values of type `I` and gives values of type `O`, which differ by defaults and conversions. */
export abstract class Schema<O, I = O> {
  /** Type-level only: never present at run time. */
  declare readonly types?: { output: O; input: I };
  /** Whether the key of an object may be absent. */
  readonly mayBeAbsent: boolean = false;

  /** The value with defaults filled in; problems go into `issues`. */
  abstract read(value: unknown, path: Issue['path'], issues: Issue[]): unknown;
  /** What is accepted, as JSON Schema. */
  abstract toJSONSchema(): Json;

  safeParse(value: unknown): { success: true; data: O } | { success: false; issue: Issue } {
    const issues: Issue[] = [];
    const data = this.read(value, [], issues) as O;
    return issues.length === 0 ? { success: true, data } : { success: false, issue: issues[0] };
  }

  nullable(): Schema<O | null, I | null> {
    return new Nullable(this);
  }

  optional(): Optional<O | undefined, I | undefined> {
    return new Optional(this, () => undefined);
  }

  default<D extends O>(value: D): Default<O, I> {
    return new Default(this, value);
  }

  refine(test: (value: O) => boolean, message = 'Invalid input'): Schema<O, I> {
    return new Checked<O, I>(this, [{ test, message }]);
  }

  transform<T>(convert: (value: O) => T): Schema<T, I> {
    return new Converted<T, I>(this, convert);
  }
}

export type output<S> = S extends Schema<infer O, any> ? O : never;
export type input<S> = S extends Schema<any, infer I> ? I : never;

export class Absent<O, I> extends Schema<O, I> {
  override readonly mayBeAbsent = true;
  constructor(
    protected readonly inner: Schema<any>,
    private readonly absent: () => unknown,
  ) {
    super();
  }
  read(value: unknown, path: Issue['path'], issues: Issue[]): unknown {
    return value === undefined ? this.absent() : this.inner.read(value, path, issues);
  }
  toJSONSchema(): Json {
    return this.inner.toJSONSchema();
  }
}

export class Optional<O, I> extends Absent<O, I> {
  /** Type-level only: the key may be absent from what is parsed, too. */
  declare readonly stays?: 'optional';
}

export class Default<O, I> extends Absent<O, I | undefined> {
  declare readonly stays?: 'filled';
  constructor(
    inner: Schema<O, I>,
    private readonly value: O,
  ) {
    super(inner, () => (Array.isArray(value) ? [...value] : value));
  }
  override toJSONSchema(): Json {
    return { default: this.value, ...this.inner.toJSONSchema() };
  }
}

export class Converted<O, I> extends Schema<O, I> {
  constructor(
    private readonly inner: Schema<any>,
    private readonly convert: (value: any) => O,
  ) {
    super();
  }
  read(value: unknown, path: Issue['path'], issues: Issue[]): unknown {
    const count = issues.length;
    const read = this.inner.read(value, path, issues);
    return issues.length === count ? this.convert(read) : undefined;
  }
  toJSONSchema(): Json {
    return this.inner.toJSONSchema();
  }
}

export class Checked<O, I = O> extends Schema<O, I> {
  constructor(
    protected readonly inner: Schema<any>,
    protected readonly checks: readonly Check[] = [],
  ) {
    super();
  }
  read(value: unknown, path: Issue['path'], issues: Issue[]): unknown {
    const count = issues.length;
    const read = this.inner.read(value, path, issues);
    if (issues.length > count) return read;
    for (const { test, message } of this.checks) if (!test(read)) issues.push({ path, message, soft: true });
    return read;
  }
  toJSONSchema(): Json {
    return Object.assign(this.inner.toJSONSchema(), ...this.checks.map(({ json }) => json));
  }
}

export class Nullable<O, I> extends Schema<O | null, I | null> {
  constructor(private readonly inner: Schema<O, I>) {
    super();
  }
  read(value: unknown, path: Issue['path'], issues: Issue[]): unknown {
    return value === null ? null : this.inner.read(value, path, issues);
  }
  toJSONSchema(): Json {
    return { anyOf: [this.inner.toJSONSchema(), { type: 'null' }] };
  }
}

/** The kind of a value in a message. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : typeof value;
}
export const unexpected = (expected: string, value: unknown) =>
  `Invalid input: expected ${expected}, received ${kindOf(value)}`;
