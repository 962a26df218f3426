/** The element types of safetensors files and their conversion to float32, the type of all our weights. */
import { GradloomError } from '../errors';
import type { Place } from '../numbers';

/** Bytes per element of the types that we read. */
export const TENSOR_TYPE_BYTES = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

/** Counters of PyTorch's batch norms, which have no meaning here: any count is taken. */
export const COUNTER = /(^|\.)num_batches_tracked$/;

/** A type name as it stands in the file. */
export type TensorType = keyof typeof TENSOR_TYPE_BYTES;

/** Whether `name` is a type that we read. */
export function isTensorType(name: unknown): name is TensorType {
  return typeof name === 'string' && Object.hasOwn(TENSOR_TYPE_BYTES, name);
}

/**
 * The elements as float32. Floats are rounded to the nearest; NaN and Infinity stay what they are.
 * Byte order is the machine's, which is little-endian wherever WebGPU runs, as in the file.
 * @param name shown in errors.
 * @param isCount whole numbers are rounded too: counters that no module reads
 * @param op the reader, shown in errors
 * @throws GradloomError (code `data`): a finite F64 beyond float32's range, an integer that float32 would change,
 * a BOOL other than 0 and 1.
 */
export function convertTensor(
  type: TensorType,
  buffer: ArrayBuffer,
  name: string,
  isCount = false,
  op = 'readSafetensors',
): Float32Array<ArrayBuffer> {
  const place = { op, argument: name };
  switch (type) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case 'BF16': {
      // bfloat16 is the upper half of a float32.
      const bits = Uint32Array.from(new Uint16Array(buffer), (half) => half << 16);
      return new Float32Array(bits.buffer);
    }
    case 'F64':
      return exactly(
        new Float64Array(buffer),
        place,
        type,
        (value, rounded) => Number.isFinite(rounded) || !Number.isFinite(value),
      );
    case 'I64':
    case 'U64': {
      const values = type === 'I64' ? new BigInt64Array(buffer) : new BigUint64Array(buffer);
      return exactly(values, place, type, (value, rounded) => isCount || BigInt(rounded) === value);
    }
    case 'I32':
    case 'U32': {
      const values = type === 'I32' ? new Int32Array(buffer) : new Uint32Array(buffer);
      return exactly(values, place, type, (value, rounded) => isCount || value === rounded);
    }
    case 'I16':
      return Float32Array.from(new Int16Array(buffer));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer));
    case 'U16':
      return Float32Array.from(new Uint16Array(buffer));
    case 'U8':
      return Float32Array.from(new Uint8Array(buffer));
    case 'BOOL':
      return exactly(new Uint8Array(buffer), place, type, (value) => value < 2);
  }
}

/** Rounds to float32 and throws at the first element that `fits` refuses. */
function exactly<T extends number | bigint>(
  values: ArrayLike<T>,
  { op, argument }: Place,
  type: TensorType,
  fits: (value: T, rounded: number) => boolean,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    out[i] = Number(values[i]);
    if (!fits(values[i], out[i])) {
      throw new GradloomError({
        code: 'data',
        op,
        argument: `${argument}: ${type} element ${i}`,
        got: String(values[i]),
        expected: type === 'BOOL' ? '0 or 1' : 'a value that float32 can hold',
        fix: type === 'BOOL' ? 'The file is damaged.' : 'Leave this tensor out, or scale it before saving.',
      });
    }
  }
  return out;
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 bits of fraction. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
