/** Constructor calls of modules, as trees that can be compared before they become text. */
import { literal, snake } from './python';

/** `nn.Conv2d(1, 8, 3, padding=1)`. */
export interface Constructor {
  /** The class, or the definition of a class that is generated. */
  type: string | GeneratedClass;
  args: Argument[];
}

export interface Argument {
  name: string;
  isKeyword: boolean;
  value: unknown;
}

/** Modules in a list, or by names. */
export class Modules {
  constructor(
    readonly kind: 'arguments' | 'list' | 'dict' | 'ordered',
    readonly entries: readonly (readonly [string, Constructor])[],
  ) {}
}

/** An argument of the class that a constructor is in. */
export class Parameter {
  constructor(readonly name: string) {}
}

/** A class of model.py. */
export interface GeneratedClass {
  /** Before it is made distinct from others. */
  name: string;
  base: string;
  /** Attributes in the order of the state dict: modules, parameters and buffers. */
  members: { name: string; value: Constructor }[];
  /** Further lines of the constructor. */
  lines: string[];
  forward: string[];
  /** 1 + the height of the highest class that it makes. */
  height: number;
}

export const isConstructor = (value: unknown): value is Constructor =>
  typeof value === 'object' && value !== null && 'type' in value && 'args' in value;

/** A constructor with positional arguments and keywords, without those that are undefined. */
export function construct(
  type: Constructor['type'],
  positional: Record<string, unknown>,
  keywords: Record<string, unknown> = {},
): Constructor {
  const args = (record: Record<string, unknown>, isKeyword: boolean) =>
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ({ name: snake(name), isKeyword, value }));
  return { type, args: [...args(positional, false), ...args(keywords, true)] };
}

/** All numbers, texts and lists in a constructor, in order, with the names of their arguments. */
export function* literalsOf(value: unknown, name = ''): Generator<{ name: string; value: unknown }> {
  if (isConstructor(value)) for (const arg of value.args) yield* literalsOf(arg.value, arg.name);
  else if (value instanceof Modules) for (const [, item] of value.entries) yield* literalsOf(item);
  else yield { name, value };
}

/** The constructor with its literals replaced in order. */
export function withLiterals<T>(value: T, next: () => unknown): T {
  if (isConstructor(value)) {
    return { ...value, args: value.args.map((arg) => ({ ...arg, value: withLiterals(arg.value, next) })) };
  }
  if (value instanceof Modules) {
    return new Modules(
      value.kind,
      value.entries.map(([key, item]) => [key, withLiterals(item, next)] as const),
    ) as T;
  }
  return next() as T;
}

/** A text that is the same for constructors that differ in literals only. */
export function shapeOf(value: unknown, nameOf: (type: Constructor['type']) => string): string {
  if (isConstructor(value)) {
    const args = value.args.map(
      (arg) => `${arg.isKeyword ? `${arg.name}=` : ''}${shapeOf(arg.value, nameOf)}`,
    );
    return `${nameOf(value.type)}(${args.join()})`;
  }
  if (value instanceof Modules)
    return `${value.kind}[${value.entries.map(([key, item]) => `${key}:${shapeOf(item, nameOf)}`).join()}]`;
  return '?';
}

/** The text of a constructor. */
export function constructorText(value: unknown, nameOf: (type: Constructor['type']) => string): string {
  if (isConstructor(value)) {
    const args = value.args.map(
      (arg) => `${arg.isKeyword ? `${arg.name}=` : ''}${constructorText(arg.value, nameOf)}`,
    );
    return `${nameOf(value.type)}(${args.join(', ')})`;
  }
  if (value instanceof Modules) {
    const texts = value.entries.map(([key, item]) => [key, constructorText(item, nameOf)] as const);
    if (value.kind === 'arguments') return texts.map(([, text]) => text).join(', ');
    if (value.kind === 'list') return `[${texts.map(([, text]) => text).join(', ')}]`;
    if (value.kind === 'dict')
      return `{${texts.map(([key, text]) => `${JSON.stringify(key)}: ${text}`).join(', ')}}`;
    return `OrderedDict([${texts.map(([key, text]) => `(${JSON.stringify(key)}, ${text})`).join(', ')}])`;
  }
  return value instanceof Parameter ? value.name : literal(value);
}
