/**
 * The header of `.npy`: a Python dict literal with `descr`, `fortran_order` and `shape`.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
 */
import type { TensorType } from './safetensors-types';
import type { Refuse } from './zip';

export interface NpyHeader {
  /** NumPy's name of the type, such as `float32`. */
  dtype: string;
  type: TensorType;
  isBigEndian: boolean;
  isFortran: boolean;
  shape: number[];
  /** Where the values begin. */
  dataStart: number;
}

/** What NumPy writes as kind and bytes of the types that we read. */
const TYPES: Readonly<Record<string, [dtype: string, type: TensorType]>> = {
  f2: ['float16', 'F16'],
  f4: ['float32', 'F32'],
  f8: ['float64', 'F64'],
  i1: ['int8', 'I8'],
  i2: ['int16', 'I16'],
  i4: ['int32', 'I32'],
  i8: ['int64', 'I64'],
  u1: ['uint8', 'U8'],
  u2: ['uint16', 'U16'],
  u4: ['uint32', 'U32'],
  u8: ['uint64', 'U64'],
  b1: ['bool', 'BOOL'],
};
/** What other kinds are, and what to do. */
const REFUSED: Readonly<Record<string, [what: string, fix: string]>> = {
  O: ['Python objects, whose pickle can run code', 'Save numbers: array.astype(numpy.float32)'],
  c: ['complex numbers', 'Save array.real and array.imag.'],
  f: ['floats of an extended type', 'Save array.astype(numpy.float64)'],
  V: ['raw records', 'Save each field as an array of its own.'],
  S: ['byte strings', 'Save numbers.'],
  U: ['texts', 'Save numbers.'],
  M: ['dates', "Save array.astype('int64')"],
  m: ['durations', "Save array.astype('int64')"],
};
/** NumPy itself reads 10000 by default. */
const MOST_HEADER = 65536;
const MOST_DIMS = 64;
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Whether bytes begin as `.npy` does. */
export const isNpy = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

/** Reads the header of versions 1 to 3. @throws what `refuse` makes */
export function readNpyHeader(bytes: Uint8Array, refuse: Refuse): NpyHeader {
  const version = bytes[6];
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw refuse(`${bytes.length} bytes`, 'a whole header', 'The file is truncated.');
  if (!(version >= 1 && version <= 3)) throw refuse(`an array of format ${version}`, 'format 1, 2 or 3');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = start + size;
  if (size > MOST_HEADER) throw refuse(`a header of ${size} bytes`, `at most ${MOST_HEADER}`);
  if (dataStart > bytes.length)
    throw refuse(`${bytes.length} bytes`, `a header of ${size}`, 'The file is truncated.');
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, dataStart));
  return { ...fieldsOf(text, refuse), dataStart };
}

/** The three fields, in any order; structured types, whose `descr` is a list, are refused by name. */
function fieldsOf(text: string, refuse: Refuse): Omit<NpyHeader, 'dataStart'> {
  const body = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1];
  if (body === undefined) throw refuse(`an array whose header is ${text.slice(0, 60)}`, 'a dict');
  if (/["']descr["']\s*:\s*[[(]/.test(body)) {
    throw refuse('an array of records', 'an array of numbers', REFUSED.V[1]);
  }
  const fields = new Map<string, string>();
  const field = /\s*(["'])(\w+)\1\s*:\s*(["'][^"'\\]*["']|True|False|\([\d\sL,]*\))\s*(?:,|$)/y;
  while (field.lastIndex < body.length) {
    const at = field.lastIndex;
    const match = field.exec(body);
    if (!match) {
      if (body.slice(at).trim() === '') break;
      throw refuse(`an array with the header ${body.slice(at, at + 60)}`, 'descr, fortran_order and shape');
    }
    if (fields.has(match[2])) throw refuse(`a header with ${match[2]} twice`, 'every field once');
    fields.set(match[2], match[3]);
  }
  const [descr, order, shape] = ['descr', 'fortran_order', 'shape'].map((name) => fields.get(name) ?? '');
  if (fields.size !== 3 || !/^["']/.test(descr) || !/^[TF]/.test(order) || !shape.startsWith('(')) {
    throw refuse(
      `a header with ${[...fields.keys()].join(', ') || 'no fields'}`,
      'descr, fortran_order, shape',
    );
  }
  return {
    ...typeOf(descr.slice(1, -1), refuse),
    isFortran: order === 'True',
    shape: shapeOf(shape, refuse),
  };
}

function typeOf(descr: string, refuse: Refuse): Pick<NpyHeader, 'dtype' | 'type' | 'isBigEndian'> {
  const [, order, kind] = /^([<>=|]?)(.+)$/.exec(descr) ?? [];
  // Python's `?` is another name of bool.
  const code = kind === '?' ? 'b1' : kind;
  if (code !== undefined && Object.hasOwn(TYPES, code)) {
    const [dtype, type] = TYPES[code];
    return { dtype, type, isBigEndian: order === '>' };
  }
  const letter = code?.[0] ?? '';
  const [what, fix] = Object.hasOwn(REFUSED, letter) ? REFUSED[letter] : ['of an unknown type', undefined];
  throw refuse(`an array of type ${descr.slice(0, 40)}: ${what}`, 'numbers or booleans', fix);
}

function shapeOf(text: string, refuse: Refuse): number[] {
  const parts = text
    .slice(1, -1)
    .split(',')
    .map((part) => part.trim());
  // A tuple of one ends with a comma.
  if (parts.at(-1) === '') parts.pop();
  const sizes = parts.map((part) => (/^\d+L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));
  if (sizes.length > MOST_DIMS || !sizes.every(Number.isSafeInteger)) {
    throw refuse(`an array of shape ${text.slice(0, 60)}`, `at most ${MOST_DIMS} sizes`);
  }
  return sizes;
}

/** The header of format 1 for row-major little-endian values, padded to a multiple of 64 bytes. */
export function npyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const size = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = new Uint8Array(size).fill(0x20);
  header.set(MAGIC);
  header.set([1, 0, (size - 10) & 255, (size - 10) >> 8], 6);
  header.set(new TextEncoder().encode(text), 10);
  header[size - 1] = 10;
  return header;
}
