// Drawings to digit images: placing, scaling, colours of ink and paper, and thin or empty drawings.
import { describe, expect, it } from 'vitest';
import { makeDigits } from './digits';
import { toDigitImage } from './image';

/** A grey drawing with filled rectangles `[left, top, width, height]`. */
function drawing(width: number, height: number, ...rectangles: number[][]): Uint8Array {
  const data = new Uint8Array(width * height);
  for (const [left, top, w, h] of rectangles) {
    for (let y = top; y < top + h; y++) data.fill(255, y * width + left, y * width + left + w);
  }
  return data;
}

const rgba = (grey: Uint8Array, paint: (ink: number) => number[]) =>
  Uint8ClampedArray.from([...grey].flatMap((ink) => paint(ink)));

function box(pixels: Uint8Array): number[] {
  const on = [...pixels.keys()].filter((i) => pixels[i] > 0);
  const columns = on.map((i) => i % 28);
  const rows = on.map((i) => Math.floor(i / 28));
  return [Math.min(...columns), Math.min(...rows), Math.max(...columns), Math.max(...rows)];
}

function massCentre(pixels: Uint8Array): number[] {
  let [sum, x, y] = [0, 0, 0];
  pixels.forEach((value, i) => {
    sum += value;
    x += value * (i % 28);
    y += value * Math.floor(i / 28);
  });
  return [x / sum, y / sum];
}

describe('toDigitImage', () => {
  it('fits a tall bar into 20 rows in the middle, keeping its proportions', () => {
    const image = toDigitImage({ width: 280, height: 280, data: drawing(280, 280, [200, 20, 20, 200]) });
    expect(box(image)).toEqual([14, 5, 15, 24]);
    expect(new Set(image)).toEqual(new Set([0, 255]));
  });

  it('enlarges small drawings and shrinks wide ones', () => {
    const small = toDigitImage({ width: 28, height: 28, data: drawing(28, 28, [1, 1, 5, 5]) });
    expect(box(small)).toEqual([5, 5, 24, 24]);
    const wide = toDigitImage({ width: 300, height: 50, data: drawing(300, 50, [0, 10, 300, 30]) });
    expect(box(wide)).toEqual([5, 14, 24, 15]);
  });

  it('puts the centre of mass, not of the box, in the middle', () => {
    const heavyLeft = drawing(100, 100, [10, 10, 20, 80], [30, 70, 40, 20]);
    const [x, y] = massCentre(toDigitImage({ width: 100, height: 100, data: heavyLeft }));
    expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.51);
    expect(Math.abs(y - 14)).toBeLessThanOrEqual(0.51);
  });

  it('cuts nothing off a lopsided drawing', () => {
    const lopsided = drawing(100, 100, [10, 10, 20, 80], [30, 80, 60, 5]);
    expect(box(toDigitImage({ width: 100, height: 100, data: lopsided }))).toEqual([8, 3, 27, 22]);
  });

  it('finds the ink, whatever its colour', () => {
    const grey = drawing(60, 60, [20, 10, 8, 40], [28, 10, 20, 8]);
    const expected = toDigitImage({ width: 60, height: 60, data: grey });
    const paints: ((ink: number) => number[])[] = [
      (ink) => [ink, ink, ink, 255],
      (ink) => [255 - ink, 255 - ink, 255 - ink, 255],
      (ink) => [0, 0, 0, ink],
      (ink) => [255, 255, 255, ink],
    ];
    for (const paint of paints) {
      expect(toDigitImage({ width: 60, height: 60, data: rgba(grey, paint) })).toEqual(expected);
    }
    const inverted = grey.map((value) => 255 - value);
    expect(toDigitImage({ width: 60, height: 60, data: inverted }, { ink: 'dark' })).toEqual(expected);
    expect(toDigitImage({ width: 60, height: 60, data: grey }, { ink: 'bright' })).toEqual(expected);
  });

  it('keeps hairlines visible and gives zeros for an empty drawing', () => {
    const hairline = toDigitImage({
      width: 400,
      height: 400,
      data: drawing(400, 400, [50, 50, 300, 2], [50, 50, 2, 300]),
    });
    expect(Math.max(...hairline)).toBeGreaterThan(20);
    expect(toDigitImage({ width: 9, height: 9, data: new Uint8Array(81) })).toEqual(new Uint8Array(784));
    expect(toDigitImage({ width: 9, height: 9, data: new Uint8Array(324) })).toEqual(new Uint8Array(784));
  });

  it('changes little on a digit that already has the size, and takes other sizes', () => {
    const { train } = makeDigits({ train: 20, test: 1 });
    for (let i = 0; i < 20; i++) {
      const before = Uint8Array.from(train.slice(i, i + 1).x);
      const after = toDigitImage({ width: 28, height: 28, data: before });
      const [left, top, right, bottom] = box(after.map((value) => (value > 48 ? value : 0)));
      expect(Math.max(right - left, bottom - top)).toBeGreaterThanOrEqual(17);
      expect(Math.max(right - left, bottom - top)).toBeLessThanOrEqual(20);
    }
    const tiny = toDigitImage(
      { width: 40, height: 40, data: drawing(40, 40, [2, 2, 36, 36]) },
      { size: 8, fit: 6 },
    );
    expect([...tiny].filter((value) => value > 0)).toHaveLength(36);
  });

  it('refuses data of another size', () => {
    expect(() => toDigitImage({ width: 5, height: 5, data: new Uint8Array(26) })).toThrow(
      /data is 26 bytes; expected 25 \(grey\) or 100 \(RGBA\) for 5x5/,
    );
  });
});
