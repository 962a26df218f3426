/**
 * Zip archives as torch.save and NumPy write them: the central directory with zip64, entries that are stored or deflated.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
 */
import { crc32 } from '../crc32';
import { showValue as show } from '../errors';
import { inflate } from '../inflate';

/** Makes the error for what is wrong with the archive. */
export type Refuse = (got: string, expected: string, fix?: string) => Error;

export interface ZipEntry {
  name: string;
  /** Its bytes in the archive, deflated or not. */
  packed: Uint8Array;
  isDeflated: boolean;
  /** Bytes once unpacked. */
  size: number;
  crc: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
/** What 32 and 16 bits hold where the number itself is in the zip64 record. */
const IN_ZIP64 = 0xffffffff;
const IN_ZIP64_SHORT = 0xffff;
/** DEFLATE packs 1032 bytes into one at most. */
const MOST_RATIO = 1032;

/** Whether bytes begin as a zip archive with entries does. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/**
 * The entries by name. Every offset is checked, and no two entries may share bytes, which bounds memory by the file's size.
 * @throws what `refuse` makes: no archive, truncated, encrypted, other compression, the same name twice.
 */
export function readZip(bytes: Uint8Array, refuse: Refuse): Map<string, ZipEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, start, end } = directoryOf(view, refuse);
  const entries = new Map<string, ZipEntry>();
  const spans: [number, number][] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) {
      throw refuse(`an archive with ${i} entries`, `${count}, as its directory says`);
    }
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) =>
      view.getUint16(at + offset, true),
    );
    const next = at + 46 + nameBytes + extraBytes + commentBytes;
    if (next > end) throw refuse('a directory that ends within an entry', 'whole entries');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes));
    if (view.getUint16(at + 8, true) & 1) throw refuse(`${show(name)}, encrypted`, 'no encryption');
    const method = view.getUint16(at + 10, true);
    if (method !== 0 && method !== 8) {
      throw refuse(`${show(name)}, compressed by method ${method}`, 'stored (0) or deflated (8) entries');
    }
    const [size, packedSize, offset] = sizesOf(view, at, nameBytes, extraBytes, () =>
      refuse(`${show(name)} without its zip64 sizes`, 'sizes for every entry'),
    );
    if (offset + 30 > start || view.getUint32(offset, true) !== LOCAL) {
      throw refuse(`${show(name)} at byte ${offset}, where no entry begins`, 'the offset of an entry');
    }
    const from = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
    if (from + packedSize > start) throw refuse(`${show(name)}, beyond the end`, 'a whole archive');
    if (method === 0 ? size !== packedSize : size > packedSize * MOST_RATIO + 1024) {
      throw refuse(`${show(name)} of ${size} bytes, from ${packedSize}`, 'sizes that agree');
    }
    if (entries.has(name)) throw refuse(`an archive with ${show(name)} twice`, 'every name once');
    const packed = bytes.subarray(from, from + packedSize);
    entries.set(name, { name, packed, isDeflated: method === 8, size, crc: view.getUint32(at + 16, true) });
    spans.push([offset, from + packedSize]);
    at = next;
  }
  spans.sort((a, b) => a[0] - b[0]);
  for (let i = 1; i < spans.length; i++) {
    if (spans[i][0] < spans[i - 1][1]) throw refuse('an archive whose entries overlap', 'entries apart');
  }
  return entries;
}

/** Number of entries, and where the central directory begins and ends. */
function directoryOf(view: DataView, refuse: Refuse): { count: number; start: number; end: number } {
  // The end record is the last thing in the file, but for a comment of up to 65535 bytes.
  let at = view.byteLength - 22;
  const last = Math.max(0, at - 65535);
  while (
    at >= last &&
    !(view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength)
  )
    at--;
  if (at < last) {
    throw refuse(
      'an archive without its directory',
      'a whole zip archive',
      'The file is truncated; fetch it again.',
    );
  }
  let count = view.getUint16(at + 10, true);
  let size = view.getUint32(at + 12, true);
  let start = view.getUint32(at + 16, true);
  let end = at;
  const needs64 = count === IN_ZIP64_SHORT || size === IN_ZIP64 || start === IN_ZIP64;
  if (needs64 && at >= 20 && view.getUint32(at - 20, true) === LOCATOR64) {
    end = Number(view.getBigUint64(at - 12, true));
    if (end + 56 > at - 20 || view.getUint32(end, true) !== END64) {
      throw refuse('an archive without its zip64 directory', 'a whole zip archive');
    }
    [count, size, start] = [32, 40, 48].map((offset) => Number(view.getBigUint64(end + offset, true)));
  }
  if (start + size > end || count > size / 46) {
    throw refuse(`a directory of ${count} entries in ${size} bytes at ${start}`, 'one within the file');
  }
  return { count, start, end };
}

/** Unpacked size, packed size and offset of an entry; those that are too long stand in the zip64 extra field. */
function sizesOf(
  view: DataView,
  at: number,
  nameBytes: number,
  extraBytes: number,
  missing: () => Error,
): number[] {
  const sizes = [24, 20, 42].map((offset) => view.getUint32(at + offset, true));
  if (!sizes.includes(IN_ZIP64)) return sizes;
  let field = at + 46 + nameBytes;
  const end = field + extraBytes;
  while (field + 4 <= end && view.getUint16(field, true) !== 1) field += 4 + view.getUint16(field + 2, true);
  if (field + 4 > end) return sizes;
  const fieldEnd = Math.min(end, field + 4 + view.getUint16(field + 2, true));
  let position = field + 4;
  return sizes.map((size) => {
    if (size !== IN_ZIP64) return size;
    if (position + 8 > fieldEnd) throw missing();
    position += 8;
    return Number(view.getBigUint64(position - 8, true));
  });
}

/**
 * The bytes of an entry, unpacked and compared with their CRC-32.
 * @throws what `refuse` makes: damaged bytes, or more of them than the directory says.
 */
export async function unpackEntry(entry: ZipEntry, refuse: Refuse): Promise<Uint8Array> {
  const damaged = () => refuse(`${show(entry.name)}, damaged`, 'whole entries', 'Fetch the file again.');
  const { packed, isDeflated, size, crc } = entry;
  const bytes = isDeflated ? await inflate([packed], 'deflate-raw', size) : packed;
  if (bytes?.length !== size || crc32(bytes) !== crc) throw damaged();
  return bytes;
}

/**
 * Writes stored entries; the same input gives the same bytes, dated 1 January 1980.
 * @throws what `refuse` makes beyond 65534 entries or 4 GiB, which need zip64.
 */
export function writeZip(
  files: readonly (readonly [string, Uint8Array])[],
  refuse: Refuse,
): Uint8Array<ArrayBuffer> {
  const entries = files.map(([name, content]) => ({ name: new TextEncoder().encode(name), content }));
  const total = entries.reduce((sum, { name, content }) => sum + 76 + 2 * name.length + content.length, 22);
  if (total >= IN_ZIP64) throw refuse(`${total} bytes`, 'less than 4 GiB', 'Write several files.');
  if (entries.length >= IN_ZIP64_SHORT) throw refuse(`${entries.length} entries`, 'fewer than 65535');
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  let at = 0;
  const put = (bytes: number, value: number) => {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  };
  const append = (bytes: Uint8Array) => {
    out.set(bytes, at);
    at += bytes.length;
  };
  /** The fields that local and central headers share: flags (names in UTF-8), method, time, date, CRC, sizes, lengths. */
  const common = (name: Uint8Array, content: Uint8Array, crc: number) => {
    put(2, 20);
    put(2, 0x800);
    put(2, 0);
    put(2, 0);
    put(2, 0x21);
    put(4, crc);
    put(4, content.length);
    put(4, content.length);
    put(2, name.length);
    put(2, 0);
  };
  const written = entries.map((entry) => {
    const offset = at;
    const crc = crc32(entry.content);
    put(4, LOCAL);
    common(entry.name, entry.content, crc);
    append(entry.name);
    append(entry.content);
    return { ...entry, crc, offset };
  });
  const start = at;
  for (const { name, content, crc, offset } of written) {
    put(4, CENTRAL);
    put(2, 20);
    common(name, content, crc);
    // Comment, disk, attributes: none.
    at += 10;
    put(4, offset);
    append(name);
  }
  const size = at - start;
  put(4, END);
  at += 4;
  put(2, entries.length);
  put(2, entries.length);
  put(4, size);
  put(4, start);
  return out;
}
