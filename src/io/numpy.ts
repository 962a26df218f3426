/**
 * Reads and writes arrays of NumPy: `.npy`, and `.npz`, which is a zip archive of them.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
 */
import { formatShape, GradloomError, showValue as show } from '../errors';
import { type AnyTypedArray, floatsOf, isTypedArray, kindOf } from '../numbers';
import { bytesOf } from './bytes';
import { isNpy, npyHeader, readNpyHeader } from './npy-header';
import { foreignFormat } from './safetensors-foreign';
import { convertTensor, TENSOR_TYPE_BYTES } from './safetensors-types';
import type { HostTensor } from './state-dict';
import { gatherStrided, swapBytes } from './strided';
import { isZip, type Refuse, readZip, unpackEntry, writeZip } from './zip';

/** An array of NumPy, row-major. */
export interface NumpyArray extends HostTensor {
  /** NumPy's name of its type in the file, for example `int64`. */
  dtype: string;
}

/** Values to write: typed arrays keep their type, lists of numbers become float32. */
export interface NumpyValues {
  shape: readonly number[];
  data: AnyTypedArray | readonly number[];
}

/** Types of typed arrays in NumPy's spelling. */
const DESCR: Readonly<Record<string, string>> = {
  Float32Array: '<f4',
  Float64Array: '<f8',
  Float16Array: '<f2',
  Int8Array: '|i1',
  Int16Array: '<i2',
  Int32Array: '<i4',
  BigInt64Array: '<i8',
  Uint8Array: '|u1',
  Uint8ClampedArray: '|u1',
  Uint16Array: '<u2',
  Uint32Array: '<u4',
  BigUint64Array: '<u8',
};

const refusal =
  (op: string, argument: string, code: 'data' | 'argument' = 'data'): Refuse =>
  (got, expected, fix = 'The file is damaged or of another kind; fetch or write it again.') =>
    new GradloomError({ code, op, argument, got, expected, fix: code === 'data' ? fix : undefined });

/**
 * Reads a `.npy` file of numbers or booleans, of formats 1 to 3, both byte orders and both memory orders. The values become
 * float32 as in `readSafetensors`; `dtype` says what they were.
 * @param name shown in errors, for example the file's name
 * @throws GradloomError (code `data`): other files, damaged ones, objects and other types, values that float32 cannot hold.
 */
export function readNpy(given: Uint8Array | ArrayBuffer, name = 'file'): NumpyArray {
  return arrayOf(bytesOf(given, 'readNpy', name), 'readNpy', name);
}

/**
 * Reads a `.npz` file of `numpy.savez` or `numpy.savez_compressed`: arrays by name, see `readNpy`.
 * @param name shown in errors, for example the file's name
 * @throws GradloomError (code `data`): as `readNpy`; damaged archives, entries that are no arrays.
 */
export async function readNpz(
  given: Uint8Array | ArrayBuffer,
  name = 'file',
): Promise<Record<string, NumpyArray>> {
  const bytes = bytesOf(given, 'readNpz', name);
  const refuse = refusal('readNpz', name);
  if (!isZip(bytes) && !isEmptyZip(bytes)) throw foreign(bytes, refuse, 'a zip archive of arrays (.npz)');
  const entries = [...readZip(bytes, refuse).values()];
  const strange = entries.find((entry) => !entry.name.endsWith('.npy'));
  if (strange) {
    const fix = entries.some((entry) => /(^|\/)data\.pkl$/.test(entry.name))
      ? 'Read it with readTorch'
      : undefined;
    throw refuse(`an archive with ${show(strange.name)}`, 'arrays only (.npy)', fix);
  }
  const arrays: [string, NumpyArray][] = [];
  for (const entry of entries) {
    const key = entry.name.slice(0, -'.npy'.length);
    arrays.push([key, arrayOf(await unpackEntry(entry, refuse), 'readNpz', `${name}: ${key}`)]);
  }
  return Object.fromEntries(arrays);
}

/** An archive without entries is its end record alone. */
const isEmptyZip = (bytes: Uint8Array): boolean =>
  bytes.length === 22 && [0x50, 0x4b, 5, 6].every((byte, i) => bytes[i] === byte);

function foreign(bytes: Uint8Array, refuse: Refuse, expected: string): Error {
  const format = foreignFormat(bytes);
  return refuse(format?.what ?? 'another file', expected, format?.fix);
}

function arrayOf(bytes: Uint8Array, op: string, name: string): NumpyArray {
  const refuse = refusal(op, name);
  if (!isNpy(bytes)) throw foreign(bytes, refuse, 'an array of NumPy (.npy)');
  const { dtype, type, isBigEndian, isFortran, shape, dataStart } = readNpyHeader(bytes, refuse);
  const size = TENSOR_TYPE_BYTES[type];
  const needed = shape.reduce((product, extent) => product * extent, size);
  const data = bytes.subarray(dataStart);
  if (needed !== data.length) {
    throw refuse(`${data.length} bytes of values`, `${needed} for ${dtype} ${formatShape(shape)}`);
  }
  const values = gatherStrided(data, size, shape, isFortran ? fortranStrides(shape) : rowMajorStrides(shape));
  if (isBigEndian) swapBytes(values, size);
  return { shape, dtype, data: convertTensor(type, values.buffer, name, false, op) };
}

/** Column-major: the first index counts fastest. */
function fortranStrides(shape: readonly number[]): number[] {
  let stride = 1;
  return shape.map((extent) => {
    stride *= extent;
    return stride / (extent || 1);
  });
}

const rowMajorStrides = (shape: readonly number[]): number[] =>
  fortranStrides([...shape].reverse()).reverse();

/**
 * Writes one array as `.npy`, which `numpy.load` reads. Typed arrays keep their type; lists become float32.
 * @throws GradloomError: (code `argument`) a shape that does not fit; (code `data`) lists of what is no number
 */
export function writeNpy(tensor: NumpyValues): Uint8Array<ArrayBuffer> {
  return encode('writeNpy', 'tensor', tensor);
}

/**
 * Writes arrays by name as `.npz`, not compressed, which `numpy.load` reads; the same input gives the same bytes.
 * @throws GradloomError as `writeNpy`, and for 4 GiB or more.
 */
export function writeNpz(tensors: Readonly<Record<string, NumpyValues>>): Uint8Array<ArrayBuffer> {
  const refuse = refusal('writeNpz', 'tensors', 'argument');
  const prototype =
    typeof tensors === 'object' && tensors !== null ? Object.getPrototypeOf(tensors) : undefined;
  if (prototype !== Object.prototype && prototype !== null) throw refuse(show(tensors), 'a record by name');
  const files = Object.entries(tensors).map(([name, tensor]) => {
    if (/\p{Surrogate}|\0/u.test(name)) throw refuse(`a name ${show(name)}`, 'Unicode text');
    return [`${name}.npy`, encode('writeNpz', name, tensor)] as const;
  });
  return writeZip(files, refuse);
}

function encode(op: string, name: string, tensor: NumpyValues): Uint8Array<ArrayBuffer> {
  const { shape, data } = (tensor ?? {}) as Partial<NumpyValues>;
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isShape || data === undefined) {
    throw refusal(op, name, 'argument')(show(tensor), '{ shape, data } with a list of sizes from 0');
  }
  const isKnown = isTypedArray(data) && Object.hasOwn(DESCR, kindOf(data));
  const values = isKnown ? (data as AnyTypedArray) : floatsOf(data, { op, argument: `data of ${name}` });
  const size = shape.reduce((product: number, extent: number) => product * extent, 1);
  if (size !== values.length) {
    throw refusal(
      op,
      `data of ${name}`,
      'argument',
    )(`${values.length} values`, `${size} for ${formatShape(shape)}`);
  }
  if (shape.length > 32)
    throw refusal(op, name, 'argument')(`${shape.length} dimensions`, 'at most 32, as NumPy');
  const header = npyHeader(DESCR[kindOf(values)], shape);
  const out = new Uint8Array(header.length + values.byteLength);
  out.set(header);
  out.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header.length);
  return out;
}
