/**
 * Operands: what may stand where an op takes a tensor. Numbers, booleans and nested arrays become constants by PyTorch's
 * type promotion, in which a number only decides the kind (mask, whole number, float) and never the width of the result.
 */
import { GradloomError } from '../../errors';
import { type AnyTypedArray, attached, floatsOf, holdsFloats, isTypedArray } from '../../numbers';
import { DeviceTensor } from './device-tensor';
import { type Graph, Tensor, type TensorLike } from './graph';
import { type DType, isFloat, Variable } from './variable';

/** Numbers in rows: `[1, 2]`, `[[1, 2], [3, 4]]`; as deep as the tensor has dimensions. */
export type NestedArray = readonly (number | boolean | AnyTypedArray | NestedArray)[];

/** Values known when the graph is recorded. */
export type Literal = number | boolean | NestedArray | AnyTypedArray;

/** Operand of a recorded op. */
export type Operand = TensorLike | Literal;

/** Operand of an op that runs eagerly. */
export type EagerOperand = Operand | DeviceTensor;

/** An input of a public op. */
export interface OpInput {
  name: string;
  optional: boolean;
  list: boolean;
  dtype: DType | 'any';
}

/** A literal as it is written to memory, before its type is known. */
interface Values {
  numbers: ArrayLike<number> | ArrayLike<bigint>;
  shape: number[];
  kind: Kind;
}

/** Kinds of numbers, each of which holds those before it. */
enum Kind {
  Mask = 0,
  Whole = 1,
  Float = 2,
}

const TYPES = { [Kind.Mask]: 'bool', [Kind.Whole]: 'i32', [Kind.Float]: 'f32' } as const;

const kindOf = (dtype: DType): Kind =>
  isFloat(dtype) ? Kind.Float : dtype === 'i32' ? Kind.Whole : Kind.Mask;

/** Lists of more dimensions are mistakes, or contain themselves. */
const MOST_DIMS = 32;

const isWhole = (value: number) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;

/** Whether a value stands for a tensor; other objects are attributes. */
export const isOperand = (value: unknown): value is Operand =>
  value instanceof Tensor ||
  value instanceof Variable ||
  value instanceof DeviceTensor ||
  typeof value === 'number' ||
  isValues(value);

const isValues = (value: unknown): boolean =>
  typeof value === 'boolean' || Array.isArray(value) || isTypedArray(value);

/**
 * The tensors of an op's inputs by name; absent optional inputs are left out.
 * @param unpromoted inputs of any type whose type does not count for the others: masks
 * @throws GradloomError `argument`: an input that is missing or cannot be a tensor; `dtype`: a number of the wrong kind.
 */
export function resolveOperands(
  op: string,
  inputs: readonly OpInput[],
  given: Readonly<Record<string, unknown>>,
  unpromoted: readonly string[],
  graph: Graph,
): Record<string, Tensor | Tensor[]> {
  const found: { input: OpInput; parts: (Tensor | Values)[] }[] = [];
  let kind = Kind.Mask;
  for (const input of inputs) {
    const { name, optional, list, dtype } = input;
    const value = given[name];
    if (value === undefined || value === null) {
      if (optional) continue;
      throw refuse(op, name, name in given ? String(value) : 'missing', list);
    }
    if (list && !Array.isArray(value)) throw refuse(op, name, describeValue(value), list);
    const parts = list
      ? (value as unknown[]).map((item, i) => read(op, `${name}[${i}]`, item, graph))
      : [read(op, name, value, graph)];
    found.push({ input, parts });
    if (dtype !== 'any' || unpromoted.includes(name)) continue;
    for (const part of parts) {
      kind = Math.max(kind, part instanceof Tensor ? kindOf(part.dtype) : part.kind);
    }
  }
  return Object.fromEntries(
    found.map(({ input: { name, list, dtype }, parts }) => {
      const declared = dtype === 'f16' ? 'f32' : dtype;
      const tensors = parts.map((part) => {
        if (part instanceof Tensor) return part;
        const type = declared !== 'any' ? declared : TYPES[unpromoted.includes(name) ? part.kind : kind];
        return constant(op, name, part, type, graph);
      });
      return [name, list ? tensors : tensors[0]];
    }),
  );
}

/** The tensor of a value, or the numbers of a literal. */
function read(op: string, name: string, value: unknown, graph: Graph): Tensor | Values {
  if (value instanceof Tensor || value instanceof Variable) return graph.tensor(value);
  if (typeof value === 'number' || typeof value === 'boolean') {
    return { numbers: [Number(value)], shape: [], kind: literalKind(value) };
  }
  if (isTypedArray(value)) {
    attached(value, { op, argument: name });
    return { numbers: value, shape: [value.length], kind: holdsFloats(value) ? Kind.Float : Kind.Whole };
  }
  if (value instanceof DeviceTensor) {
    throw refuse(op, name, describeValue(value), false, 'Pass it to the function as an argument');
  }
  if (!Array.isArray(value)) throw refuse(op, name, describeValue(value));
  const shape: number[] = [];
  const isRow = (item: unknown): item is ArrayLike<unknown> => Array.isArray(item) || isTypedArray(item);
  for (let level: unknown = value; isRow(level); level = level[0]) {
    if (shape.push(level.length) > MOST_DIMS)
      throw refuse(op, name, `a list of ${MOST_DIMS} dimensions or more`);
  }
  const numbers: number[] = [];
  let kind = Kind.Mask;
  const walk = (item: unknown, path: string, depth: number) => {
    if (isRow(item)) {
      if (depth === shape.length) throw ragged(op, path, 'a row', 'a number, as the first entry');
      if (item.length !== shape[depth])
        throw ragged(op, path, `${item.length} entries`, entries(shape[depth]));
      const row = isTypedArray(item) ? Array.from(item as ArrayLike<number>, Number) : item;
      if (isTypedArray(item)) kind = Math.max(kind, holdsFloats(item) ? Kind.Float : Kind.Whole);
      for (let i = 0; i < row.length; i++) walk(row[i], `${path}[${i}]`, depth + 1);
      return;
    }
    if (typeof item !== 'number' && typeof item !== 'boolean') {
      const stacked = item instanceof Tensor || item instanceof Variable;
      throw refuse(
        op,
        path,
        describeValue(item),
        false,
        stacked ? 'Join tensors with stack or cat' : undefined,
      );
    }
    if (depth < shape.length) throw ragged(op, path, String(item), entries(shape[depth]));
    numbers.push(Number(item));
    kind = Math.max(kind, literalKind(item));
  };
  walk(value, name, 0);
  return { numbers, shape, kind: numbers.length === 0 ? Kind.Float : kind };
}

function literalKind(value: number | boolean): Kind {
  if (typeof value === 'boolean') return Kind.Mask;
  return isWhole(value) ? Kind.Whole : Kind.Float;
}

/** A literal in memory. */
function constant(
  op: string,
  name: string,
  { numbers, shape }: Values,
  type: 'f32' | 'i32' | 'bool',
  graph: Graph,
): Tensor {
  if (type !== 'i32') {
    if (shape.length === 0) {
      const value = Number(numbers[0]);
      return graph.scalar(type === 'bool' ? Number(value !== 0) : value, type);
    }
    const floats = floatsOf(isTypedArray(numbers) ? numbers : Array.from(numbers as ArrayLike<number>), {
      op,
      argument: name,
    });
    const values = type === 'bool' ? floats.map((value) => Number(value !== 0)) : floats.slice();
    return graph.constant(values, shape, type);
  }
  for (let i = 0; i < numbers.length; i++) {
    if (isWhole(Number(numbers[i]))) continue;
    throw new GradloomError({
      code: 'dtype',
      op,
      argument: name,
      got: String(numbers[i]),
      expected: 'whole numbers of 32 bits',
      fix: 'This argument is int32: class indices, positions',
    });
  }
  if (shape.length === 0) return graph.scalar(Number(numbers[0]), type);
  return graph.constant(Int32Array.from(numbers as ArrayLike<number>, Number), shape);
}

function refuse(op: string, argument: string, got: string, list = false, fix?: string): GradloomError {
  const text = got.startsWith('"') && Number.isFinite(Number(JSON.parse(got)));
  return new GradloomError({
    code: 'argument',
    op,
    argument,
    got,
    expected: list ? 'a list of tensors' : 'a tensor, a number, a boolean or a nested array of numbers',
    fix: fix ?? (text ? `Use the number ${JSON.parse(got)}` : undefined),
  });
}

const entries = (count: number) => `${count} entries, as in the first row`;

const ragged = (op: string, path: string, got: string, expected: string) =>
  new GradloomError({
    code: 'shape',
    op,
    argument: path,
    got,
    expected,
    fix: 'All rows of a nested array have the same length',
  });

/** Describes a value in an error message. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (value instanceof Tensor) return 'a single tensor';
  if (value instanceof DeviceTensor) return 'a tensor on the device';
  if (value instanceof Variable) return value.name ? `the parameter ${value.name}` : 'a parameter';
  if (typeof value !== 'object' || value === null) return String(value);
  const { name } = value.constructor ?? {};
  return name && name !== 'Object' ? `a ${name}` : 'an object';
}
