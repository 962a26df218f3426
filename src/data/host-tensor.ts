/** Values as people have them (nested lists, typed arrays of every kind) as tensors on the host. */
import { formatShape, GradloomError } from '../errors';

/** Numbers or booleans, or lists of these of equal shape. */
export type NestedArray = number | boolean | readonly NestedArray[];

export type AnyTypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** What stands for a tensor: nested lists, a typed array (one dimension), or values with a shape. */
export type TensorData =
  | NestedArray
  | AnyTypedArray
  | { shape: readonly number[]; data: AnyTypedArray | readonly number[]; dtype?: 'f32' | 'i32' | 'bool' };

/** A tensor with its values on the host: whole numbers in Int32Array, else float32 (bool is 0 or 1). */
export interface HostValues {
  shape: readonly number[];
  dtype: 'f32' | 'i32' | 'bool';
  data: Float32Array | Int32Array;
}

/** What an error about a value names. */
interface Place {
  op: string;
  argument: string;
}

/**
 * Reads `value` as a tensor. Numbers in lists, floats and bytes (pixels) become float32; typed arrays of other integers
 * become int32; booleans bool. `dtype` in a record with a shape decides otherwise.
 * @throws GradloomError `data` for ragged lists and for what is no number; `shape` where values and shape differ.
 */
export function hostTensor(value: TensorData, place: Place): HostValues {
  if (isTypedArray(value)) return typed(value, [value.length], undefined, place);
  if (typeof value === 'object' && value !== null && 'data' in value) {
    const { shape, data, dtype } = value;
    checkShape(shape, place);
    const size = shape.reduce((product, n) => product * n, 1);
    if (data.length !== size)
      throw error('shape', place, `${data.length} values`, `${size} for ${formatShape(shape)}`);
    return typed(isTypedArray(data) ? data : Float64Array.from(data), shape, dtype, place);
  }
  return nested(value, place);
}

export const isTypedArray = (value: unknown): value is AnyTypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

function nested(value: NestedArray, place: Place): HostValues {
  const shape: number[] = [];
  for (let at: NestedArray = value; Array.isArray(at); at = at[0]) shape.push(at.length);
  const flat: (number | boolean)[] = [];
  const visit = (item: NestedArray, depth: number, path: string) => {
    if (depth < shape.length) {
      if (!Array.isArray(item) || item.length !== shape[depth]) {
        const got = Array.isArray(item) ? `a list of ${item.length}` : describe(item);
        throw error(
          'data',
          place,
          `${got} at ${path || '[]'}`,
          `lists of equal length: ${formatShape(shape)}`,
        );
      }
      for (const [i, inner] of item.entries()) visit(inner, depth + 1, `${path}[${i}]`);
    } else if (typeof item === 'number' || typeof item === 'boolean') flat.push(item);
    else throw error('data', place, `${describe(item)} at ${path || '[]'}`, 'a number or a boolean');
  };
  visit(value, 0, '');
  const booleans = flat.length > 0 && flat.every((item) => typeof item === 'boolean');
  return { shape, dtype: booleans ? 'bool' : 'f32', data: Float32Array.from(flat, Number) };
}

function typed(
  data: AnyTypedArray,
  shape: readonly number[],
  dtype: HostValues['dtype'] | undefined,
  place: Place,
): HostValues {
  const kind = dtype ?? (isFloatLike(data) ? 'f32' : 'i32');
  if (kind !== 'i32') {
    return {
      shape,
      dtype: kind,
      data: data instanceof Float32Array ? data : Float32Array.from(data as never, Number),
    };
  }
  if (data instanceof Int32Array) return { shape, dtype: 'i32', data };
  const whole = Int32Array.from(data as never, Number);
  for (let i = 0; i < whole.length; i++) {
    if (whole[i] !== Number(data[i]))
      throw error('data', place, `${data[i]} at ${i}`, 'whole numbers of 32 bits');
  }
  return { shape, dtype: 'i32', data: whole };
}

/** Bytes are pixels as a rule. */
const isFloatLike = (data: AnyTypedArray) =>
  data instanceof Float32Array ||
  data instanceof Float64Array ||
  data instanceof Uint8Array ||
  data instanceof Uint8ClampedArray;

function checkShape(shape: readonly number[], place: Place): void {
  if (Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n >= 0)) return;
  throw error('shape', place, `shape ${JSON.stringify(shape)}`, 'a list of whole numbers from 0');
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'string'
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? 'a list'
      : `a ${typeof value}`;
}

const error = (code: 'data' | 'shape', { op, argument }: Place, got: string, expected: string) =>
  new GradloomError({ code, op, argument, got, expected });
