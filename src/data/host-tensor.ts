/** Values as people have them (nested lists, typed arrays of every kind) as tensors on the host. */
import { formatShape, GradloomError, showValue } from '../errors';
import {
  type AnyTypedArray,
  flattened,
  floatsOf,
  holdsFloats,
  isTypedArray,
  kindOf,
  type NestedArray,
  type Place,
  wholesOf,
} from '../numbers';

export { type AnyTypedArray, isTypedArray, type NestedArray } from '../numbers';

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

/**
 * Reads `value` as a tensor. Numbers in lists, floats and bytes (pixels) become float32; typed arrays of other integers
 * become int32; booleans bool. `dtype` in a record with a shape decides otherwise.
 * @throws GradloomError `data` for ragged lists, for what is no number, and for numbers that the type cannot hold; `shape`
 * where values and shape differ; `dtype` for other types.
 */
export function hostTensor(value: TensorData, place: Place): HostValues {
  if (isTypedArray(value)) return typed(value, [value.length], undefined, place);
  if (typeof value === 'object' && value !== null && 'data' in value) {
    const { shape, data, dtype } = value;
    checkShape(shape, place);
    if (dtype !== undefined && !['f32', 'i32', 'bool'].includes(dtype)) {
      const got = showValue(dtype);
      throw new GradloomError({ code: 'dtype', ...place, got, expected: "'f32', 'i32' or 'bool'" });
    }
    const values = typed(data, shape, dtype, place);
    const size = shape.reduce((product, n) => product * n, 1);
    if (values.data.length !== size) {
      const got = `${values.data.length} values`;
      throw new GradloomError({
        code: 'shape',
        ...place,
        got,
        expected: `${size} for ${formatShape(shape)}`,
      });
    }
    return values;
  }
  const { shape, values } = flattened(value, place);
  const booleans = values.length > 0 && values.every((item) => typeof item === 'boolean');
  return { shape, dtype: booleans ? 'bool' : 'f32', data: floatsOf(values, place) };
}

function typed(
  data: unknown,
  shape: readonly number[],
  dtype: HostValues['dtype'] | undefined,
  place: Place,
): HostValues {
  const isFloat = !isTypedArray(data) || holdsFloats(data) || /^Uint8/.test(kindOf(data));
  const type = dtype ?? (isFloat ? 'f32' : 'i32');
  if (type === 'i32') return { shape, dtype: type, data: wholesOf(data, place) };
  const floats = floatsOf(data, place);
  // A mask holds 0 and 1; as everywhere, all but 0 is true.
  return { shape, dtype: type, data: type === 'bool' ? floats.map((value) => Number(value !== 0)) : floats };
}

function checkShape(shape: unknown, place: Place): void {
  if (Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0)) return;
  const got = `shape ${showValue(shape)}`;
  throw new GradloomError({ code: 'shape', ...place, got, expected: 'a list of whole numbers from 0' });
}
