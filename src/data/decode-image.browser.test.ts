/** Images that the browser decodes: photographs come upright, and damaged files are named. */
import { expect, it } from 'vitest';
import { decodeImage } from './decode-image';

/** A JPEG whose left half is dark and whose right half is bright, with an EXIF orientation. */
async function photograph(orientation: number): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(32, 16);
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#000';
  context.fillRect(0, 0, 16, 16);
  context.fillStyle = '#fff';
  context.fillRect(16, 0, 16, 16);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 1 });
  const jpeg = new Uint8Array(await blob.arrayBuffer());
  // APP1 with one entry of TIFF: tag 0x0112, a 16-bit number.
  const tiff = [
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  return Uint8Array.of(...jpeg.subarray(0, 2), 0xff, 0xe1, 0, exif.length + 2, ...exif, ...jpeg.subarray(2));
}

it('turns photographs by their EXIF orientation', async () => {
  const plain = await decodeImage(await photograph(1));
  expect([plain.width, plain.height]).toEqual([32, 16]);
  expect(plain.data[0]).toBeLessThan(40);
  // 6: to be turned by 90 degrees clockwise, so that the dark half comes to the top.
  const turned = await decodeImage(await photograph(6));
  expect([turned.width, turned.height]).toEqual([16, 32]);
  expect(turned.data[0]).toBeLessThan(40);
  expect(turned.data[4 * 15]).toBeLessThan(40);
  expect(turned.data[4 * 16 * 31]).toBeGreaterThan(200);
});

it('names what is no image', async () => {
  await expect(decodeImage({ name: 'photo.jpg', bytes: Uint8Array.of(1, 2, 3) })).rejects.toThrow(
    /decodeImage: photo\.jpg is no image that this browser can read/,
  );
});
