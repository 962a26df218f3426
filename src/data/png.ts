/**
 * PNG of every kind as pixels: grey, colour, palette, alpha, 1 to 16 bits, interlaced or not. Written out here because
 * canvases lose what transparent pixels hold, and Node has no canvas.
 * Source: https://www.w3.org/TR/png-3/.
 */
import { crc32 } from '../crc32';
import { GradloomError, showValue } from '../errors';
import { inflate } from '../inflate';
import type { PixelImage } from './image';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Samples per pixel by colour type, and the bit depths that it may have. */
const KINDS: Readonly<Record<number, { samples: number; depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};
/** Start and step of the rows and columns of each pass of Adam7. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
/** Most pixels of an image: what a header asks for is allocated. */
const MOST_PIXELS = 2 ** 26;

interface Header {
  width: number;
  height: number;
  depth: number;
  type: number;
  interlaced: boolean;
}

/** Whether bytes begin as a PNG does. */
export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte);

/**
 * The pixels, row by row, as red, green, blue and alpha of a byte each; 16 bits are rounded to 8. Colours are as they are
 * stored: no gamma or profile is applied.
 * @param name shown in errors
 * @throws GradloomError (code `data`): no PNG, a damaged or truncated one, more than 2^26 pixels.
 */
export async function decodePng(bytes: Uint8Array, name = 'image'): Promise<PixelImage> {
  const refuse = (got: string, expected: string) =>
    new GradloomError({
      code: 'data',
      op: 'decodePng',
      argument: name,
      got,
      expected,
      fix: 'The file is damaged or no PNG; fetch or convert it again.',
    });
  if (typeof name !== 'string') {
    const got = showValue(name);
    throw new GradloomError({ code: 'argument', op: 'decodePng', argument: 'name', got, expected: 'a text' });
  }
  if (!(bytes instanceof Uint8Array) || !isPng(bytes))
    throw refuse('without the signature of PNG', 'a PNG file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | undefined;
  let palette = new Uint8Array();
  let transparency = new Uint8Array();
  const packed: Uint8Array[] = [];
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw refuse(`${bytes.length} bytes without an end`, 'a whole file');
    const size = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (at + 12 + size > bytes.length) throw refuse(`cut off within ${JSON.stringify(kind)}`, 'a whole file');
    const content = bytes.subarray(at + 8, at + 8 + size);
    if (crc32(bytes.subarray(at + 4, at + 8 + size)) !== view.getUint32(at + 8 + size)) {
      throw refuse(`damaged in ${JSON.stringify(kind)}`, 'chunks that fit their checksums');
    }
    if (!header && kind !== 'IHDR') throw refuse(`a file that begins with ${JSON.stringify(kind)}`, 'IHDR');
    if (kind === 'IHDR') header = readHeader(content, refuse);
    else if (kind === 'PLTE') palette = content.slice();
    else if (kind === 'tRNS') transparency = content.slice();
    else if (kind === 'IDAT') packed.push(content);
    else if (kind === 'IEND') break;
    at += 12 + size;
  }
  const { width, height, depth, type, interlaced } = header!;
  const { samples } = KINDS[type];
  const parts = (interlaced ? PASSES : ([[0, 0, 1, 1]] as const))
    .map(([x, y, dx, dy]) => ({
      x,
      y,
      dx,
      dy,
      columns: Math.ceil((width - x) / dx),
      rows: Math.ceil((height - y) / dy),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((part) => ({ ...part, stride: Math.ceil((part.columns * samples * depth) / 8) }));
  const total = parts.reduce((sum, { rows, stride }) => sum + rows * (1 + stride), 0);
  const raw = await inflate(packed, 'deflate', total);
  if (raw?.length !== total) throw refuse(`${raw?.length ?? 'no'} bytes of pixels`, `${total}`);
  const data = new Uint8Array(4 * width * height);
  const most = 2 ** depth - 1;
  const key = Array.from(
    { length: transparency.length >> 1 },
    (_, i) => transparency[2 * i] * 256 + transparency[2 * i + 1],
  );
  let from = 0;
  for (const { x, y, dx, dy, columns, rows, stride } of parts) {
    let above: Uint8Array = new Uint8Array(stride);
    for (let row = 0; row < rows; row++, from += 1 + stride) {
      const line = raw.subarray(from + 1, from + 1 + stride);
      if (!unfilter(raw[from], line, above, Math.max(1, (samples * depth) >> 3))) {
        throw refuse(`filter ${raw[from]} in row ${row}`, 'filters 0 to 4');
      }
      above = line;
      for (let column = 0; column < columns; column++) {
        const values = Array.from({ length: samples }, (_, i) => sample(line, column * samples + i, depth));
        const to = 4 * ((y + row * dy) * width + x + column * dx);
        if (type === 3) {
          const index = values[0];
          if (3 * index >= palette.length)
            throw refuse(`colour ${index} of a palette of ${palette.length / 3}`, 'one of it');
          data.set(palette.subarray(3 * index, 3 * index + 3), to);
          data[to + 3] = transparency[index] ?? 255;
          continue;
        }
        const isKey = key.length > 0 && type < 3 && values.every((value, i) => value === key[i]);
        const bytesOf = values.map((value) => Math.round((value * 255) / most));
        const colour = samples < 3 ? [bytesOf[0], bytesOf[0], bytesOf[0]] : bytesOf.slice(0, 3);
        const alpha = isKey ? 0 : type < 4 ? 255 : bytesOf[samples - 1];
        data.set([...colour, alpha], to);
      }
    }
  }
  return { width, height, data };
}

function readHeader(content: Uint8Array, refuse: (got: string, expected: string) => GradloomError): Header {
  if (content.length !== 13) throw refuse(`a header of ${content.length} bytes`, '13');
  const view = new DataView(content.buffer, content.byteOffset, 13);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, type, compression, filter, interlace] = content.subarray(8);
  const isKnown = Object.hasOwn(KINDS, type) && KINDS[type].depths.includes(depth);
  if (!isKnown || compression !== 0 || filter !== 0 || interlace > 1) {
    throw refuse(
      `colour type ${type} of ${depth} bits, interlaced by ${interlace}`,
      'a kind of PNG that exists',
    );
  }
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) {
    throw refuse(`${width}x${height} pixels`, `1 to ${MOST_PIXELS}`);
  }
  return { width, height, depth, type, interlaced: interlace === 1 };
}

/** Undoes a row's filter in place; false for one that does not exist. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, pixel: number): boolean {
  for (let i = 0; i < line.length && filter > 0; i++) {
    const [a, b, c] = [line[i - pixel] ?? 0, above[i], i < pixel ? 0 : above[i - pixel]];
    if (filter === 1) line[i] += a;
    else if (filter === 2) line[i] += b;
    else if (filter === 3) line[i] += (a + b) >> 1;
    else if (filter === 4) line[i] += paeth(a, b, c);
    else return false;
  }
  return filter <= 4;
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** The sample of this number in a row. */
function sample(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index];
  if (depth === 16) return line[2 * index] * 256 + line[2 * index + 1];
  const bit = index * depth;
  return (line[bit >> 3] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}
