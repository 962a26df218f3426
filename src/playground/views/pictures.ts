/** Samples as pictures on canvases. */
import type { Color } from './theme';

/** Paints values from `least` to `most` of one or three planes `[channels, height, width]`. */
export function paintImage(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  [channels, height, width]: readonly number[],
  { least = 0, most = 1 } = {},
): void {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  const area = width * height;
  const scale = 255 / (most - least || 1);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++)
      image.data[4 * i + c] = (values[(channels >= 3 ? c : 0) * area + i] - least) * scale;
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** Paints one plane of values around zero: two colours away from white. */
export function paintSigned(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  [height, width]: readonly number[],
  color: (value: number) => Color,
  most?: number,
): void {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const largest = most ?? Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), 1e-9);
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) image.data.set([...color(values[i] / largest), 255], 4 * i);
  context.putImageData(image, 0, 0);
}

/** Least and largest of values, for pictures that are normalized. */
export function rangeOf(values: Float32Array): { least: number; most: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return { least, most };
}
