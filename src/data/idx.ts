/**
 * IDX, the format of MNIST and its relatives: two zero bytes, a type code, the number of dimensions, each
 * dimension as a big-endian 32-bit number, then the values. Source: http://yann.lecun.com/exdb/mnist/.
 */
import { checkOptions } from '../checks';
import { formatShape, GradloomError, showValue } from '../errors';
import { ArrayDataset } from './dataset';
import { type DataSource, readSource } from './source';

/** The content of an IDX file of bytes: `data.length` is the product of `shape`. */
export interface IdxArray {
  shape: number[];
  /** Shares memory with the file. */
  data: Uint8Array;
}

/** Type codes of the format; the published image sets all have unsigned bytes. */
const TYPE_NAMES: Record<number, string> = {
  8: 'unsigned bytes',
  9: 'signed bytes',
  11: '16-bit integers',
  12: '32-bit integers',
  13: '32-bit floats',
  14: '64-bit floats',
};

/**
 * Reads an unpacked IDX file of unsigned bytes.
 * @param name shown in errors.
 * @throws GradloomError (code `data`): wrong magic number, another element type, truncated, bytes too many.
 */
export function parseIdx(bytes: Uint8Array, name = 'IDX file'): IdxArray {
  if (!(bytes instanceof Uint8Array)) {
    throw broken(name, showValue(bytes), 'the bytes of a file', 'Pass a Uint8Array.');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4)
    throw broken(name, `${bytes.length} bytes`, 'at least 4, the magic number', TRUNCATED);
  const magic = view.getUint32(0);
  const type = (magic >> 8) & 0xff;
  const rank = magic & 0xff;
  if (magic >>> 16 !== 0 || !(type in TYPE_NAMES) || rank === 0) {
    const got = `a file with the magic number ${magic}`;
    throw broken(name, got, '2051 (images) or 2049 (labels)', 'This is no IDX file, or it is damaged.');
  }
  if (type !== 8) {
    throw broken(name, `IDX of ${TYPE_NAMES[type]}`, TYPE_NAMES[8], 'Convert the file to unsigned bytes.');
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw broken(
      name,
      `${bytes.length} bytes`,
      `at least ${start}, the header for ${rank} dimensions`,
      TRUNCATED,
    );
  }
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = start + shape.reduce((product, extent) => product * extent, 1);
  if (bytes.length !== expected) {
    const fix = bytes.length < expected ? TRUNCATED : 'The header or the end of the file is damaged.';
    throw broken(name, `${bytes.length} bytes`, `${expected} for ${formatShape(shape)}`, fix);
  }
  return { shape, data: bytes.subarray(start) };
}

const TRUNCATED = 'The file is truncated; fetch it again.';

/** Options of {@link loadIdx}. */
export interface IdxOptions {
  images: DataSource;
  labels: DataSource;
  /** Names of the classes; default the digits when no label is above 9, else none. */
  classes?: readonly string[];
  /** Number of classes where they have no names; default the largest label + 1. */
  classCount?: number;
  /** Shown in logs and errors; default the name of the image file. */
  name?: string;
}

/**
 * A pair of IDX files, plain or gzip, as a data set: inputs `[1, height, width]` scaled to 0..1, class labels.
 * @throws GradloomError (code `data`): a damaged file, images and labels swapped, of different number, or none.
 */
export async function loadIdx(options: IdxOptions): Promise<ArrayDataset> {
  checkOptions('loadIdx', options ?? null, ['images', 'labels', 'classes', 'classCount', 'name']);
  const images = await readIdx(options.images, 3, 'images');
  const labels = await readIdx(options.labels, 1, 'labels');
  const [count, height, width] = images.shape;
  if (labels.shape[0] !== count) {
    const fix = 'Take the label file that belongs to these images.';
    throw broken(
      labels.name,
      `${labels.shape[0]} labels`,
      `${count}, one for each image of ${images.name}`,
      fix,
    );
  }
  if (height === 0 || width === 0) {
    throw broken(images.name, `${height}x${width} pixels`, 'images with pixels', 'The header is damaged.');
  }
  const isDigits = options.classCount === undefined && labels.data.every((label) => label < 10);
  return ArrayDataset.fromArrays({
    name: options.name ?? images.name,
    x: images.data,
    xShape: [1, height, width],
    y: Int32Array.from(labels.data),
    classes: options.classes ?? (isDigits ? Array.from('0123456789') : undefined),
    classCount: options.classCount,
  });
}

async function readIdx(source: DataSource, rank: number, what: string): Promise<IdxArray & { name: string }> {
  const { name, bytes } = await readSource(source);
  const array = parseIdx(bytes, name);
  if (array.shape.length !== rank) {
    const got = `IDX of ${array.shape.length} dimensions`;
    throw broken(name, got, `${rank} for ${what}`, 'Check that images and labels are not swapped.');
  }
  return { name, ...array };
}

function broken(argument: string, got: string, expected: string, fix: string): GradloomError {
  return new GradloomError({ code: 'data', op: 'loadIdx', argument, got, expected, fix });
}
