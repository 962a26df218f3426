/** An op call that is written as Python. */
import type { Tensor } from '../../graph/ir/graph';
import type { OpInfo } from '../../graph/ir/op';
import { type Expression, Level, literal, operand, type Sized, snake } from '../python';

/** What the rules of ops see of a call. */
export interface PythonCall {
  readonly info: OpInfo | undefined;
  readonly training: boolean;
  /** Whether an optional input was given. */
  has(input: string): boolean;
  /** An input as an operand; masks become floats unless `mask`. */
  x(input: string, least?: Level, mask?: 'mask'): string;
  /** An input that has to be a tensor: numbers are filled into one like `like`. */
  tensor(input: string, like?: string): string;
  /** An input that is a list of tensors. */
  list(input: string): string[];
  /** The first tensor of an input. */
  tensorOf(input: string): Tensor;
  shape(input: string): (number | Sized)[];
  /** The shape of an output. */
  outputShape(output: string): (number | Sized)[];
  outputType(output: string): Tensor['dtype'];
  /** An attribute, with sizes of the batch. */
  attr<T = unknown>(name: string): T;
  /** Keywords of the attributes that are not the op's defaults. */
  keywords(names?: readonly string[], always?: readonly string[]): string[];
  /** Puts a helper function into the module, and gives its name. */
  helper(name: string): string;
}

/** Several outputs of a call, in the order of the tuple that it gives. */
export interface Several {
  text: string;
  outputs: string[];
}

/** Python for a call: the expression of its only output, several outputs, or a statement without any. */
export type Rule = (call: PythonCall) => string | Expression | Several | { statement: string };

export type Rules = Readonly<Record<string, Rule>>;

/** An expression with an operator. */
export const at = (level: Level, text: string): Expression => ({ text, level });

/** A call of a function with the inputs by position and the attributes that are not defaults as keywords. */
export function functionCall(call: PythonCall, name: string, more: readonly string[] = []): string {
  const inputs = call.info!.inputs.flatMap((input) => {
    if (input.optional) return call.has(input.name) ? [`${snake(input.name)}=${call.x(input.name)}`] : [];
    return input.list ? [`[${call.list(input.name).join(', ')}]`] : [call.x(input.name)];
  });
  return `${name}(${[...inputs, ...more, ...call.keywords()].join(', ')})`;
}

/** Rules of functions that have PyTorch's name below `prefix`. */
export const named = (prefix: string, names: string): Rules =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, (call: PythonCall) => functionCall(call, `${prefix}.${snake(name)}`)]),
  );

/** A method of the input x with these arguments. */
export const method = (call: PythonCall, name: string, ...args: (string | undefined | false)[]): string =>
  `${call.x('x', Level.Atom, 'mask')}.${name}(${args.filter(Boolean).join(', ')})`;

/** An attribute as a literal; lists in brackets. */
export const value = (call: PythonCall, name: string): string => literal(call.attr(name), '[]');

/** Attributes as keywords: those that are not PyTorch's defaults. */
export const keyword = (call: PythonCall, name: string, standard: unknown): string | undefined => {
  const given = call.attr(name);
  return given === standard || given === undefined || given === null
    ? undefined
    : `${snake(name)}=${literal(given)}`;
};

export { type Expression, Level, literal, operand };
