/** Image files as pixels: PNG everywhere, other formats with the browser's decoder. */
import { GradloomError } from '../errors';
import type { PixelImage } from './image';
import { decodePng, isPng } from './png';
import { type DataSource, readSource } from './source';

/**
 * Reads an image as red, green, blue and alpha, upright: palettes, 16 bits and transparency of PNG are decoded here; JPEG,
 * WebP and the like by the browser, which turns photographs by their EXIF orientation.
 * @throws GradloomError (code `data`): what cannot be read or is no image; `unsupported`: other formats than PNG where no
 * browser decodes them, as in Node.
 */
export async function decodeImage(source: DataSource): Promise<PixelImage> {
  const { name, bytes } = await readSource(source);
  if (isPng(bytes)) return decodePng(bytes, name);
  if (typeof createImageBitmap !== 'function' || typeof OffscreenCanvas !== 'function') {
    throw new GradloomError({
      code: 'unsupported',
      op: 'decodeImage',
      argument: name,
      got: 'no PNG, where there is no browser to decode other formats',
      expected: 'a PNG file',
      fix: 'Convert it to PNG (which keeps no EXIF orientation: turn it upright), or decode it with a library such as sharp',
    });
  }
  try {
    const options = {
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    } as const;
    const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]), options);
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    return { width, height, data: context.getImageData(0, 0, width, height).data };
  } catch (cause) {
    const got = `no image that this browser can read (${(cause as Error).message})`;
    throw new GradloomError({
      code: 'data',
      op: 'decodeImage',
      argument: name,
      got,
      expected: 'PNG, JPEG or WebP',
      cause,
    });
  }
}
