/** Numbers as people have them, in typed arrays of every kind and in lists, as the arrays that the GPU takes: by value. */
import { GradloomError, showValue } from './errors';

/** Every typed array, also of big integers and, where they exist, of float16. */
export type AnyTypedArray = ArrayBufferView & (ArrayLike<number> | ArrayLike<bigint>);

/** What an error about a value names. */
export interface Place {
  op: string;
  argument: string;
}

export const isTypedArray = (value: unknown): value is AnyTypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

type Numeric = ArrayLike<number | bigint | boolean>;

/** Numbers or booleans, or lists of these of equal shape; a typed array is a row. */
export type NestedArray = number | boolean | bigint | AnyTypedArray | readonly NestedArray[];

/** Most dimensions of nested lists: what is deeper is a mistake, or contains itself. */
const MOST_DIMS = 32;

/**
 * The values as float32; floats are rounded to the nearest. A Float32Array is returned as it is.
 * @throws GradloomError `data`: what is no number (says where), and whole numbers that float32 would change.
 */
export function floatsOf(values: unknown, place: Place): Float32Array {
  if (values instanceof Float32Array) return attached(values, place);
  const list = numericOf(values, place);
  const floats = new Float32Array(list.length);
  const isExact = !isTypedArray(values) || !/^(Big)?U?(i|I)nt(32|64)Array$/.test(kindOf(values));
  for (let i = 0; i < floats.length; i++) {
    floats[i] = Number(list[i]);
    if ((isExact && typeof list[i] !== 'bigint') || isSame(floats[i], list[i])) continue;
    throw wrong(place, String(list[i]), i, 'whole numbers that float32 can hold');
  }
  return floats;
}

/**
 * The values as int32. An Int32Array is returned as it is.
 * @throws GradloomError `data`: what is no number, no whole one, or beyond 32 bits (says where).
 */
export function wholesOf(values: unknown, place: Place): Int32Array {
  if (values instanceof Int32Array) return attached(values, place);
  const list = numericOf(values, place);
  const wholes = new Int32Array(list.length);
  for (let i = 0; i < wholes.length; i++) {
    wholes[i] = Number(list[i]);
    if (!isSame(wholes[i], list[i])) throw wrong(place, String(list[i]), i, 'whole numbers of 32 bits');
  }
  return wholes;
}

/**
 * An array whose memory is there and its own: one over memory that is shared with other threads is copied, because GPUs do
 * not take it everywhere and it may change meanwhile.
 * @throws GradloomError `data` for an array whose memory was handed over, to a worker for example.
 */
export function attached<T extends AnyTypedArray>(values: T, place: Place): T {
  const { buffer } = values;
  if (typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer) {
    return (values as unknown as { slice(): T }).slice();
  }
  if (values.length > 0 || !isDetached(buffer as ArrayBuffer)) return values;
  const got = `a ${kindOf(values)} whose memory was transferred`;
  const fix = 'Keep a copy of what goes to another thread';
  throw new GradloomError({ code: 'data', ...place, got, expected: 'an array with its values', fix });
}

/** Browsers without the property `detached` refuse to look into such memory. */
function isDetached(buffer: ArrayBuffer & { detached?: boolean }): boolean {
  if (buffer.detached !== undefined) return buffer.detached;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** A list as a tensor: its shape, and its values in their order. */
export interface FlatList {
  shape: number[];
  values: (number | bigint | boolean)[];
}

/**
 * Flattens nested lists.
 * @throws GradloomError `data`: ragged lists, and what is no number (says where).
 */
export function flattened(list: NestedArray, { op, argument }: Place): FlatList {
  const refuse = (got: string, path: string, expected: string) =>
    new GradloomError({ code: 'data', op, argument, got: `${got} at ${path || '[]'}`, expected });
  const shape: number[] = [];
  for (let at: unknown = list; isList(at); at = at[0]) {
    if (shape.push(at.length) > MOST_DIMS)
      throw refuse('a list', '[0]'.repeat(3), `${MOST_DIMS} dimensions at most`);
  }
  const values: FlatList['values'] = [];
  const visit = (item: unknown, depth: number, path: string) => {
    if (depth < shape.length) {
      if (!isList(item) || item.length !== shape[depth]) {
        const got = isList(item) ? `a list of ${item.length}` : describe(item);
        throw refuse(got, path, `lists of equal length: [${shape.join(', ')}]`);
      }
      for (let i = 0; i < item.length; i++) visit(item[i], depth + 1, `${path}[${i}]`);
    } else if (isNumber(item)) values.push(item);
    else throw refuse(describe(item), path, 'a number or a boolean');
  };
  visit(list, 0, '');
  return { shape, values };
}

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || isTypedArray(value);

const isNumber = (value: unknown): value is number | bigint | boolean =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';

/** Whether a typed array holds floats. */
export const holdsFloats = (values: ArrayBufferView): boolean => /^Float/.test(kindOf(values));

/** The name of a typed array's class. */
export const kindOf = (values: ArrayBufferView): string =>
  Object.prototype.toString.call(values).slice(8, -1);

const isSame = (written: number, given: number | bigint | boolean): boolean =>
  typeof given === 'bigint' ? BigInt(written) === given : written === Number(given);

function numericOf(values: unknown, place: Place): Numeric {
  if (isTypedArray(values)) return attached(values, place);
  if (!Array.isArray(values)) {
    const expected = 'a typed array or a list of numbers';
    throw new GradloomError({ code: 'data', ...place, got: showValue(values), expected });
  }
  // Holes of sparse lists are visited, too.
  for (let i = 0; i < values.length; i++) {
    if (!isNumber(values[i])) throw wrong(place, describe(values[i]), i, 'numbers');
  }
  return values as Numeric;
}

const describe = (value: unknown): string => (Array.isArray(value) ? 'a list' : showValue(value));

const wrong = ({ op, argument }: Place, got: string, at: number, expected: string) =>
  new GradloomError({ code: 'data', op, argument, got: `${got} at ${at}`, expected });
