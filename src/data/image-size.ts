/** Images at another size, and as tensors. */
import { checkOptions, checkSizes } from '../checks';
import { GradloomError, showValue, unknownName } from '../errors';
import type { PixelImage } from './image';

/** How an image gets another shape: its middle, squeezed, or whole with a border. */
export type ImageFit = 'crop' | 'stretch' | 'pad';

export interface ImageTensorOptions {
  /** Height and width, or both in one number. Default the image's. */
  size?: number | readonly [height: number, width: number];
  /** 3 for red, green and blue (default), 1 for gray (luma of ITU-R BT.601). */
  channels?: 1 | 3;
  /** How images of another shape fit; default 'crop': the middle, as ImageNet's are prepared. */
  fit?: ImageFit;
  /** Red, green and blue from 0 to 255 behind transparent pixels and beside images that are padded. Default white. */
  background?: readonly [number, number, number];
}

export const IMAGE_TENSOR_OPTIONS: (keyof ImageTensorOptions)[] = ['size', 'channels', 'fit', 'background'];

const FITS: readonly ImageFit[] = ['crop', 'stretch', 'pad'];

/** @throws GradloomError `argument` for options of the wrong kind. */
export function checkImageOptions(op: string, options: ImageTensorOptions): void {
  const { size, channels = 3, fit = 'crop', background = [0, 0, 0] } = options;
  const refuse = (argument: string, got: unknown, expected: string) =>
    new GradloomError({ code: 'argument', op, argument, got: showValue(got), expected });
  if (size !== undefined) {
    const [height, width] = typeof size === 'number' ? [size, size] : (size ?? []);
    checkSizes(op, { 'size (height)': height, 'size (width)': width });
  }
  if (channels !== 1 && channels !== 3) throw refuse('channels', channels, '1 or 3');
  if (!FITS.includes(fit)) throw unknownName(op, 'fit', fit, [...FITS]);
  const isByte = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 255;
  if (!Array.isArray(background) || background.length !== 3 || !background.every(isByte)) {
    throw refuse('background', background, 'red, green and blue from 0 to 255');
  }
}

/**
 * Bytes `[channels, height, width]` of an image: composited on the background, cut or padded, and resampled with a triangle filter
 * that is as wide as a new pixel where the image shrinks, as Pillow's and torchvision's bilinear resize with antialias.
 */
export function imageBytes(image: PixelImage, options: ImageTensorOptions = {}): Uint8Array {
  const { size, channels = 3, fit = 'crop', background = [255, 255, 255] } = options;
  const [height, width] =
    size === undefined ? [image.height, image.width] : typeof size === 'number' ? [size, size] : size;
  const box = { left: 0, top: 0, width: image.width, height: image.height };
  const target = { left: 0, top: 0, width, height };
  const ratio = width / height;
  const isWide = image.width / image.height > ratio;
  if (fit === 'crop') {
    if (isWide) box.width = image.height * ratio;
    else box.height = image.width / ratio;
    box.left = (image.width - box.width) / 2;
    box.top = (image.height - box.height) / 2;
  } else if (fit === 'pad') {
    if (isWide) target.height = Math.max(1, Math.round((width * image.height) / image.width));
    else target.width = Math.max(1, Math.round((height * image.width) / image.height));
    target.left = Math.floor((width - target.width) / 2);
    target.top = Math.floor((height - target.height) / 2);
  }
  const planes = composited(image, channels, background);
  const columns = weightsOf(box.left, box.width, target.width, image.width);
  const rows = weightsOf(box.top, box.height, target.height, image.height);
  const out = new Uint8Array(channels * height * width);
  const border = channels === 1 ? [luma(background[0], background[1], background[2])] : background;
  for (let c = 0; c < channels; c++) {
    const plane = out.subarray(c * height * width, (c + 1) * height * width);
    plane.fill(Math.round(border[c]));
    const narrow = new Float32Array(image.height * target.width);
    for (let y = 0; y < image.height; y++) {
      for (let x = 0; x < target.width; x++) {
        const { first, shares } = columns[x];
        let sum = 0;
        for (let i = 0; i < shares.length; i++) sum += shares[i] * planes[c][y * image.width + first + i];
        narrow[y * target.width + x] = sum;
      }
    }
    for (let y = 0; y < target.height; y++) {
      const { first, shares } = rows[y];
      for (let x = 0; x < target.width; x++) {
        let sum = 0;
        for (let i = 0; i < shares.length; i++) sum += shares[i] * narrow[(first + i) * target.width + x];
        plane[(target.top + y) * width + target.left + x] = Math.round(sum);
      }
    }
  }
  return out;
}

/** Luma of ITU-R BT.601. */
const luma = (r: number, g: number, b: number): number => 0.299 * r + 0.587 * g + 0.114 * b;

/** The colours in front of a background, a plane per channel. */
function composited(
  { width, height, data }: PixelImage,
  channels: number,
  background: readonly number[],
): Float32Array[] {
  const pixels = width * height;
  const samples = data.length / pixels;
  const planes = Array.from({ length: channels }, () => new Float32Array(pixels));
  for (let i = 0; i < pixels; i++) {
    const at = samples * i;
    const alpha = samples === 4 ? data[at + 3] / 255 : 1;
    const color = (c: number) => {
      const stored = data[samples === 1 ? at : at + c];
      return alpha === 1 ? stored : alpha * stored + (1 - alpha) * background[c];
    };
    if (channels === 1) planes[0][i] = samples === 1 ? data[at] : luma(color(0), color(1), color(2));
    else for (let c = 0; c < 3; c++) planes[c][i] = color(c);
  }
  return planes;
}

interface Taps {
  first: number;
  shares: number[];
}

/** Which of the `from` old pixels from `start` on each of `to` new ones is made of. */
function weightsOf(start: number, from: number, to: number, limit: number): Taps[] {
  const scale = from / to;
  const reach = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const center = start + (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(center - reach + 0.5));
    const end = Math.min(limit, Math.floor(center + reach + 0.5));
    const shares: number[] = [];
    for (let at = first; at < end; at++) shares.push(Math.max(0, 1 - Math.abs(at + 0.5 - center) / reach));
    const sum = shares.reduce((total, share) => total + share, 0);
    if (sum === 0) return { first: Math.min(limit - 1, Math.max(0, Math.floor(center))), shares: [1] };
    return { first, shares: shares.map((share) => share / sum) };
  });
}

/** What a browser draws: pixels, a canvas, a video, an image. */
export type ImageSource = PixelImage | CanvasImageSource;

/**
 * An image as a tensor `[1, channels, height, width]` from 0 to 1, for `predict`: pixels such as `ImageData`, and in browsers a
 * canvas, a video (its current frame), an `ImageBitmap`, an `<img>` or a `VideoFrame`.
 * @throws GradloomError `data` for what is no image or has no pixels yet, `argument` for wrong options.
 */
export function imageTensor(
  source: ImageSource,
  options: ImageTensorOptions = {},
): { shape: [1, number, number, number]; data: Float32Array<ArrayBuffer> } {
  const op = 'imageTensor';
  checkOptions(op, options, IMAGE_TENSOR_OPTIONS);
  checkImageOptions(op, options);
  const image = pixelsOf(op, source);
  const { size = [image.height, image.width], channels = 3 } = options;
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  const data = Float32Array.from(imageBytes(image, options), (byte) => byte / 255);
  return { shape: [1, channels, height, width], data };
}

/** The pixels of an image source. */
export function pixelsOf(op: string, source: ImageSource): PixelImage {
  const refuse = (got: string, expected: string, fix?: string) =>
    new GradloomError({ code: 'data', op, argument: 'source', got, expected, fix });
  const { width, height, data } = (source ?? {}) as Partial<PixelImage>;
  if (ArrayBuffer.isView(data) && data.BYTES_PER_ELEMENT === 1) {
    const samples = data.length / (width! * height!);
    if ([1, 3, 4].includes(samples)) return source as PixelImage;
    const got = `${data.length} bytes for ${width}x${height} pixels`;
    throw refuse(got, '1, 3 or 4 bytes for each');
  }
  if (typeof OffscreenCanvas !== 'function' || typeof source !== 'object' || source === null || data) {
    const got = data ? 'pixels that are no bytes' : showValue(source);
    throw refuse(got, 'pixels { width, height, data }, or in browsers a canvas, video, image or frame');
  }
  const drawn = source as unknown as Record<string, number | undefined>;
  // What a video or an image has of its own, not how large it is shown.
  const w = drawn.videoWidth ?? drawn.naturalWidth ?? drawn.displayWidth ?? drawn.width;
  const h = drawn.videoHeight ?? drawn.naturalHeight ?? drawn.displayHeight ?? drawn.height;
  if (!(w! > 0 && h! > 0)) {
    throw refuse(
      `an image of ${w} by ${h} pixels`,
      'an image with pixels',
      'Wait until it is loaded or plays',
    );
  }
  const context = new OffscreenCanvas(w!, h!).getContext('2d', { willReadFrequently: true })!;
  try {
    context.drawImage(source as CanvasImageSource, 0, 0, w!, h!);
    return { width: w!, height: h!, data: context.getImageData(0, 0, w!, h!).data };
  } catch (cause) {
    throw refuse(`an image that cannot be read (${(cause as Error).message})`, 'an image of this page');
  }
}

/**
 * Images `[n, channels, height, width]` (or `[n, height, width]`) from 0 to 1 side by side, as pixels for `putImageData`.
 * @throws GradloomError `shape` for what is no batch of gray or RGB images.
 */
export function imageGrid(
  { shape, data }: { shape: readonly number[]; data: ArrayLike<number> },
  options: { columns?: number; gap?: number } = {},
): PixelImage {
  checkOptions('imageGrid', options, ['columns', 'gap']);
  const [count, channels, height, width] = shape.length === 3 ? [shape[0], 1, shape[1], shape[2]] : shape;
  if ((shape.length !== 3 && shape.length !== 4) || (channels !== 1 && channels !== 3) || count < 1) {
    const got = `[${shape}]`;
    const expected = '[n, 1 or 3, height, width]';
    throw new GradloomError({ code: 'shape', op: 'imageGrid', argument: 'images', got, expected });
  }
  const { columns = Math.ceil(Math.sqrt(count)), gap = 2 } = options;
  checkSizes('imageGrid', { columns });
  const across = Math.min(columns, count);
  const rows = Math.ceil(count / across);
  const grid = {
    width: across * (width + gap) - gap,
    height: rows * (height + gap) - gap,
    data: new Uint8ClampedArray(),
  };
  grid.data = new Uint8ClampedArray(4 * grid.width * grid.height).fill(255);
  const plane = height * width;
  for (let n = 0; n < count; n++) {
    const [top, left] = [Math.floor(n / across) * (height + gap), (n % across) * (width + gap)];
    for (let i = 0; i < plane; i++) {
      const at = 4 * ((top + Math.floor(i / width)) * grid.width + left + (i % width));
      for (let c = 0; c < 3; c++) {
        grid.data[at + c] = 255 * data[(n * channels + (channels === 1 ? 0 : c)) * plane + i];
      }
    }
  }
  return grid;
}
