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

/** The values of a typed array as numbers, whole ones of any width too. */
type Numeric = ArrayLike<number | bigint | boolean>;

/**
 * The values as float32; floats are rounded to the nearest. A Float32Array is returned as it is.
 * @throws GradloomError `data`: what is no number (says where), and whole numbers that float32 would change.
 */
export function floatsOf(values: unknown, place: Place): Float32Array {
  if (values instanceof Float32Array) return values;
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
  if (values instanceof Int32Array) return values;
  const list = numericOf(values, place);
  const wholes = new Int32Array(list.length);
  for (let i = 0; i < wholes.length; i++) {
    wholes[i] = Number(list[i]);
    if (!isSame(wholes[i], list[i])) throw wrong(place, String(list[i]), i, 'whole numbers of 32 bits');
  }
  return wholes;
}

/** The name of a typed array's class. */
export const kindOf = (values: ArrayBufferView): string =>
  Object.prototype.toString.call(values).slice(8, -1);

const isSame = (written: number, given: number | bigint | boolean): boolean =>
  typeof given === 'bigint' ? BigInt(written) === given : written === Number(given);

function numericOf(values: unknown, place: Place): Numeric {
  if (isTypedArray(values)) return values;
  if (!Array.isArray(values)) {
    const expected = 'a typed array or a list of numbers';
    throw new GradloomError({ code: 'data', ...place, got: showValue(values), expected });
  }
  // Holes of sparse lists are visited, too.
  for (let i = 0; i < values.length; i++) {
    if (['number', 'bigint', 'boolean'].includes(typeof values[i])) continue;
    const got = typeof values[i] === 'string' ? showValue(values[i]) : describe(values[i]);
    throw wrong(place, got, i, 'numbers');
  }
  return values as Numeric;
}

const describe = (value: unknown): string => (Array.isArray(value) ? 'a list' : showValue(value));

const wrong = ({ op, argument }: Place, got: string, at: number, expected: string) =>
  new GradloomError({ code: 'data', op, argument, got: `${got} at ${at}`, expected });
