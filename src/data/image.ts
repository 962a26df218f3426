/**
 * Turns a drawing into the kind of image that a digit model has learned from: 28x28 grey, ink bright on black, the
 * digit fitted into 20x20 with its centre of mass in the middle, as MNIST's images were made
 * (source: http://yann.lecun.com/exdb/mnist/). Plain arrays in and out, for canvases and tests alike.
 */
import { checkOptions, checkSizes } from '../checks';
import { GradloomError, showValue, unknownName } from '../errors';

/** Pixels row by row: one byte per pixel (grey) or four (red, green, blue, alpha), like `ImageData`. */
export interface PixelImage {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}

/** Options of {@link toDigitImage}. */
export interface DigitImageOptions {
  /**
   * Whether the drawing is darker or brighter than its background. Default `auto`: judged by the border; where the
   * border is transparent, what is opaque is ink.
   */
  ink?: 'auto' | 'dark' | 'bright';
  /** Width and height of the result in pixels; default 28. */
  size?: number;
  /** The longer side of the digit in the result, in pixels; default 20. */
  fit?: number;
}

/** Ink fainter than this (of 255) is taken for dirt when the bounding box is sought. */
const FAINT = 48;

/**
 * The drawing as `size * size` grey bytes, row by row, 0 background to 255 ink. A drawing without ink gives zeros.
 * @throws GradloomError (code `shape`) when `data` does not fit width and height.
 */
export function toDigitImage(image: PixelImage, options: DigitImageOptions = {}): Uint8Array {
  checkOptions('toDigitImage', options, ['ink', 'size', 'fit']);
  const { size = 28, fit = 20 } = options;
  checkSizes('toDigitImage', { size, fit });
  const ink = readInk(image, options.ink ?? 'auto');
  const out = new Uint8Array(size * size);
  const box = boundingBox(ink, image.width, image.height);
  if (!box) return out;
  const scale = Math.min(fit, size) / Math.max(box.width, box.height);
  const width = Math.max(1, Math.round(box.width * scale));
  const height = Math.max(1, Math.round(box.height * scale));
  const small = resample(ink, image.width, box, width, height);
  const centre = centreOfMass(small, width, height);
  // MNIST counts the middle of 28 pixels as pixel 14, half a pixel beyond the geometric one.
  // Nothing is cut off: an extremely lopsided drawing stays inside, its mass a little out of the middle.
  const left = Math.max(0, Math.min(Math.round(size / 2 - centre.x), size - width));
  const top = Math.max(0, Math.min(Math.round(size / 2 - centre.y), size - height));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      out[(y + top) * size + x + left] = Math.round(small[y * width + x]);
    }
  }
  return out;
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** How much ink each pixel holds, 0..255. */
function readInk(image: PixelImage, kind: 'auto' | 'dark' | 'bright'): Float32Array {
  const { width, height, data } = image ?? {};
  if (!ArrayBuffer.isView(data) || data.BYTES_PER_ELEMENT !== 1) {
    const got = showValue(data ?? image);
    const expected = 'pixels { width, height, data } of bytes, like ImageData';
    throw new GradloomError({ code: 'data', op: 'toDigitImage', argument: 'image', got, expected });
  }
  checkSizes('toDigitImage', { width, height });
  if (!['auto', 'dark', 'bright'].includes(kind)) {
    throw unknownName('toDigitImage', 'ink', kind, ['auto', 'dark', 'bright']);
  }
  const pixels = width * height;
  const channels = data.length / pixels;
  if (!(pixels > 0) || (channels !== 1 && channels !== 4)) {
    throw new GradloomError({
      code: 'shape',
      op: 'toDigitImage',
      argument: 'data',
      got: `${data.length} bytes`,
      expected: `${pixels} (grey) or ${4 * pixels} (RGBA) for ${width}x${height} pixels`,
    });
  }
  const grey = new Float32Array(pixels);
  const alpha = new Float32Array(pixels).fill(255);
  for (let i = 0; i < pixels; i++) {
    if (channels === 1) grey[i] = data[i];
    else {
      // Luma weights of ITU-R BT.601.
      grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
      alpha[i] = data[4 * i + 3];
    }
  }
  if (kind === 'auto' && borderMean(alpha, width, height) < 128) return alpha;
  const isDark = kind === 'auto' ? borderMean(grey, width, height) >= 128 : kind === 'dark';
  // Where nothing was painted there is no ink, whatever colour the transparent pixel has.
  return grey.map((value, i) => ((isDark ? 255 - value : value) * alpha[i]) / 255);
}

function borderMean(values: Float32Array, width: number, height: number): number {
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step, count++) sum += values[y * width + x];
  }
  return sum / count;
}

function boundingBox(ink: Float32Array, width: number, height: number): Box | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (ink[y * width + x] < FAINT) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The box at another size; each new pixel is the mean over the area it covers, so thin strokes never vanish. */
function resample(ink: Float32Array, stride: number, box: Box, width: number, height: number): Float32Array {
  const columns = coverage(box.width, width);
  const rows = coverage(box.height, height);
  const out = new Float32Array(width * height);
  rows.forEach((rowParts, y) => {
    columns.forEach((columnParts, x) => {
      let sum = 0;
      for (const row of rowParts) {
        for (const column of columnParts) {
          sum += row.share * column.share * ink[(box.top + row.index) * stride + box.left + column.index];
        }
      }
      out[y * width + x] = sum;
    });
  });
  return out;
}

/** For each of `to` new pixels along an axis: which of the `from` old ones it covers, with shares that sum to 1. */
function coverage(from: number, to: number): { index: number; share: number }[][] {
  const step = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * step, (i + 1) * step];
    const parts: { index: number; share: number }[] = [];
    for (let index = Math.floor(start); index < Math.min(from, Math.ceil(end - 1e-9)); index++) {
      parts.push({ index, share: (Math.min(end, index + 1) - Math.max(start, index)) / step });
    }
    return parts;
  });
}

function centreOfMass(ink: Float32Array, width: number, height: number): { x: number; y: number } {
  let [sum, x, y] = [0, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = ink[row * width + column];
      sum += value;
      x += value * column;
      y += value * row;
    }
  }
  return { x: x / sum, y: y / sum };
}
