/**
 * Reads and writes safetensors, the weight files that PyTorch users exchange: 8 bytes with the length of the
 * header (little-endian), the header as JSON (`name -> { dtype, shape, data_offsets }` and, optionally,
 * `__metadata__` with strings), then the tensors' bytes without gaps, row-major, little-endian.
 * Source: the format section of https://github.com/huggingface/safetensors.
 * A file may come from anywhere, so every number in the header is checked before it is used.
 */
import { formatShape, GradloomError, showValue as show } from '../errors';
import { floatsOf } from '../numbers';
import { bytesOf } from './bytes';
import { foreignFormat } from './safetensors-foreign';
import {
  COUNTER,
  convertTensor,
  isTensorType,
  TENSOR_TYPE_BYTES,
  type TensorType,
} from './safetensors-types';
import type { HostTensor, StateDict } from './state-dict';
import { parseStrictly } from './strict-json';

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** The tensors in the order of their bytes, converted to float32. */
  tensors: StateDict;
  /** The free text of the header's `__metadata__`. */
  metadata: Record<string, string>;
}

/** The limit of the reference implementation: a longer header is an attack or a broken file. */
const MAX_HEADER_BYTES = 100_000_000;
/** Four per tensor, and what the metadata has. */
const MAX_ENTRIES = 60_000;
const COLON = 0x3a;
/** As many as PyTorch's tensors may have. */
const MOST_DIMENSIONS = 64;
const METADATA_KEY = '__metadata__';

/**
 * Writes float32 tensors; typed arrays of other kinds and lists are converted. Like the reference implementation it orders them by name and pads the header with
 * spaces to a multiple of 8 bytes; metadata is ordered by key, so the same input gives the same bytes.
 * @throws GradloomError (code `argument`): a shape that does not fit its data, the name `__metadata__`, names that are no
 * Unicode, metadata that are no texts; (code `data`): values that float32 cannot hold.
 */
export function writeSafetensors(
  tensors: StateDict,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  checkRecord('tensors', tensors);
  checkRecord('metadata', metadata);
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw refused(`metadata ${show(key)}`, show(value), 'a text');
    checkText('metadata', key);
    checkText(`metadata ${show(key)}`, value);
  }
  const names = Object.keys(tensors).sort();
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) {
    entries.push([
      METADATA_KEY,
      Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))),
    ]);
  }
  let size = 0;
  const contents = names.map((name) => {
    const data = checkTensor(name, tensors[name]);
    entries.push([
      name,
      { dtype: 'F32', shape: [...tensors[name].shape], data_offsets: [size, size + data.byteLength] },
    ]);
    size += data.byteLength;
    return data;
  });
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerBytes = Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(header, 8);
  let offset = 8 + headerBytes;
  for (const data of contents) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

/**
 * Reads a file of any origin. float32 is taken as it is; float16, bfloat16, float64, integers and booleans are
 * converted to float32, refusing what float32 cannot hold (integers beyond 2^24 that would change, float64
 * beyond float32's range); counters `num_batches_tracked`, which nothing reads, are rounded. NaN and Infinity in the file are kept: they are legal weights.
 * @param name shown in errors, for example the file's name.
 * @param types the element types that are taken; default all.
 * @throws GradloomError (code `data`) for anything that is not a sound safetensors file.
 */
export function readSafetensors(
  given: Uint8Array | ArrayBuffer,
  name = 'file',
  types: readonly TensorType[] = Object.keys(TENSOR_TYPE_BYTES) as TensorType[],
): SafetensorsFile {
  const bytes = bytesOf(given, 'readSafetensors', name);
  const { header, dataStart } = readHeader(bytes, name);
  const entries = Object.entries(header).filter(([key]) => key !== METADATA_KEY);
  const infos = entries.map(([key, value]) => readInfo(key, value, name, types));
  infos.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(infos, bytes.length - dataStart, name);
  const tensors: [string, HostTensor][] = infos.map((info) => {
    // A copy starts at an aligned address, which the file does not promise (and Buffer.slice would not copy).
    const raw = new Uint8Array(bytes.subarray(dataStart + info.begin, dataStart + info.end));
    return [
      info.key,
      {
        shape: info.shape,
        data: convertTensor(info.type, raw.buffer, `${name}: ${info.key}`, COUNTER.test(info.key)),
      },
    ];
  });
  // fromEntries, unlike assignment, makes an own property even of the name `__proto__`.
  return { tensors: Object.fromEntries(tensors), metadata: readMetadata(header[METADATA_KEY], name) };
}

interface TensorInfo {
  key: string;
  type: TensorType;
  shape: number[];
  begin: number;
  end: number;
}

function broken(name: string, got: string, expected: string, fix?: string): GradloomError {
  return new GradloomError({
    code: 'data',
    op: 'readSafetensors',
    argument: name,
    got,
    expected,
    fix: fix ?? 'The file is damaged or no safetensors file; fetch or write it again.',
  });
}

function readHeader(bytes: Uint8Array, name: string): { header: Record<string, unknown>; dataStart: number } {
  // Sound headers begin with a brace; whatever their length in front of it looks like.
  const foreign = bytes[8] === 0x7b ? undefined : foreignFormat(bytes);
  if (foreign) throw broken(name, foreign.what, 'a safetensors file', foreign.fix);
  if (bytes.length < 8) throw broken(name, `${bytes.length} bytes`, 'at least 8, the length of the header');
  const size = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (size > MAX_HEADER_BYTES) {
    throw broken(name, `a file with a header of ${size} bytes`, `at most ${MAX_HEADER_BYTES}`);
  }
  const dataStart = 8 + Number(size);
  if (dataStart > bytes.length) {
    throw broken(
      name,
      `${bytes.length} bytes`,
      `${dataStart} or more, as its header says`,
      'The file is truncated.',
    );
  }
  const refuse = (got: string) => broken(name, `a file whose header ${got}`, 'JSON in UTF-8');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, dataStart));
  } catch (cause) {
    throw refuse(`cannot be read (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  // Counted before it is parsed, which would take seconds.
  let entries = 0;
  for (let at = 8; at < dataStart; at++) if (bytes[at] === COLON) entries++;
  if (entries > MAX_ENTRIES)
    throw broken(name, `a file with ${entries} entries in its header`, `at most ${MAX_ENTRIES}`);
  const header = parseStrictly(text, refuse);
  if (!isRecord(header)) throw broken(name, 'a file whose header is no object', 'a JSON object');
  return { header, dataStart };
}

function readMetadata(metadata: unknown, name: string): Record<string, string> {
  // The reference implementation takes null for no metadata.
  if (metadata === undefined || metadata === null) return {};
  if (!isRecord(metadata)) throw broken(name, 'a file whose __metadata__ is no object', 'texts by name');
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') {
      throw broken(`${name}: __metadata__ ${show(key)}`, typeof value, 'a text');
    }
  }
  return metadata as Record<string, string>;
}

function readInfo(key: string, value: unknown, name: string, types: readonly TensorType[]): TensorInfo {
  const where = `${name}: ${key}`;
  if (!isRecord(value)) throw broken(where, show(value), 'an object with dtype, shape and data_offsets');
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isTensorType(dtype) || !types.includes(dtype)) {
    const known = types.length > 1 ? `one of ${types.join(', ')}` : types[0];
    throw broken(`${where}: dtype`, show(dtype), known, 'Convert the tensor to F32.');
  }
  if (!isSizes(shape)) throw broken(`${where}: shape`, show(shape), 'a list of sizes from 0');
  if (shape.length > MOST_DIMENSIONS) {
    throw broken(`${where}: shape`, `${shape.length} dimensions`, `at most ${MOST_DIMENSIONS}`);
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[1] < offsets[0]) {
    throw broken(`${where}: data_offsets`, show(offsets), '[begin, end] with begin <= end');
  }
  const [begin, end] = offsets;
  const bytes = shape.reduce((size, extent) => size * extent, TENSOR_TYPE_BYTES[dtype]);
  if (bytes !== end - begin) {
    throw broken(where, `${end - begin} bytes`, `${bytes} for ${dtype} ${show(shape)}`);
  }
  return { key, type: dtype, shape, begin, end };
}

/** The tensors must fill the data without overlap or gap; this also bounds memory by the size of the file. */
function checkCoverage(infos: readonly TensorInfo[], size: number, name: string): void {
  let position = 0;
  for (const { key, begin, end } of infos) {
    const where = `${name}: ${key}`;
    if (begin < position) throw broken(where, `at byte ${begin}, inside another tensor`, `byte ${position}`);
    if (begin > position) throw broken(where, `at byte ${begin}, after a gap`, `byte ${position}`);
    if (end > size) {
      throw broken(
        where,
        `to end at byte ${end}`,
        `at most ${size}, the data in the file`,
        'The file is truncated.',
      );
    }
    position = end;
  }
  if (position !== size) throw broken(name, `followed by ${size - position} bytes of no tensor`, 'none');
}

const refused = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'writeSafetensors', argument, got, expected, fix });

/** @throws GradloomError for lists, maps and other objects without entries of their own. */
function checkRecord(argument: string, value: unknown): void {
  const prototype = isRecord(value) ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) return;
  const fix = value instanceof Map ? 'Object.fromEntries(map) makes one of a Map' : undefined;
  throw refused(argument, show(value), 'a record by name', fix);
}

/** Half surrogate pairs have no UTF-8. */
function checkText(argument: string, text: string): void {
  if (/\p{Surrogate}/u.test(text))
    throw refused(argument, show(text), 'Unicode text without lone surrogates');
}

/** The values to write. */
function checkTensor(name: string, tensor: HostTensor): Float32Array {
  if (name === METADATA_KEY) throw refused('tensor name', METADATA_KEY, 'another name, this one is reserved');
  checkText('tensor name', name);
  if (!isRecord(tensor)) throw refused(name, show(tensor), 'a tensor { shape, data }');
  const { shape } = tensor;
  if (!isSizes(shape)) throw refused(`shape of ${name}`, show(shape), 'a list of sizes from 0');
  const data = floatsOf(tensor.data, { op: 'writeSafetensors', argument: `data of ${name}` });
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size !== data.length)
    throw refused(`data of ${name}`, `${data.length} values`, `${size} for ${formatShape(shape)}`);
  return data;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
