// The generated digits: the same bytes everywhere, balanced, different samples, inked where they should be.
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeDigits } from './index';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

afterEach(() => {
  vi.restoreAllMocks();
});

describe('makeDigits', () => {
  it('gives the same bytes as everywhere else', () => {
    const { train, test } = makeDigits();
    expect([train.length, test.length, train.xShape, train.classCount]).toEqual([
      10_000,
      2_000,
      [1, 28, 28],
      10,
    ]);
    expect(sha256(train.x as Uint8Array)).toBe(
      '23a4fc8d93e0ab0872760b6aba2cdc351ce394b49f5ce5039bbd7027f83d65d5',
    );
    expect(sha256(Uint8Array.from(train.y))).toBe(
      '7ed3fcb122c9fd6ae9997c8dbd5875f5116e051f0b49dc2f93bc49a7dc782c8e',
    );
    expect(sha256(test.x as Uint8Array)).toBe(
      '6f982a1040621f2aaed5420a399456ca21c592b0b998496dc4c7865a9d486470',
    );
    expect(sha256(Uint8Array.from(test.y))).toBe(
      '768f19c7f5387f96fe2a0287aa359653c28ba009dfe44db082e7b16fab6b66b6',
    );
  });

  it('uses no function whose last bits are left to the engine', () => {
    const inexact = [
      'sin',
      'cos',
      'tan',
      'atan',
      'atan2',
      'exp',
      'log',
      'log2',
      'pow',
      'cbrt',
      'hypot',
      'tanh',
    ] as const;
    for (const name of [...inexact, 'random'] as const) {
      vi.spyOn(Math, name).mockImplementation(() => {
        throw new Error(`Math.${name} was used`);
      });
    }
    expect(makeDigits({ train: 50, test: 50 }).train.length).toBe(50);
  });

  it('draws the beginning of a larger set when asked for less, and other samples for another seed', () => {
    const large = makeDigits({ train: 35, test: 12 });
    const small = makeDigits({ train: 12, test: 12 });
    expect(small.train.x).toEqual(large.train.slice(0, 12).x);
    expect(small.train.y).toEqual(large.train.slice(0, 12).y);
    expect(small.test.x).toEqual(large.test.x);
    const other = makeDigits({ seed: 1, train: 12, test: 12 });
    expect(other.train.x).not.toEqual(small.train.x);
    expect(other.train.x).not.toEqual(small.test.x);
  });

  it('holds every digit equally often and no sample twice, in train and test together', () => {
    const { train, test } = makeDigits({ train: 1000, test: 500 });
    const counts = new Array<number>(10).fill(0);
    for (const label of train.y) counts[label]++;
    expect(counts).toEqual(new Array(10).fill(100));
    const seen = new Set<string>();
    for (const set of [train, test]) {
      for (let i = 0; i < set.length; i++) seen.add(sha256(set.slice(i, i + 1).x as Uint8Array));
    }
    expect(seen.size).toBe(1500);
  });

  it('inks the middle and leaves the border to the paper', () => {
    const { train } = makeDigits({ train: 500, test: 1 });
    for (let i = 0; i < train.length; i++) {
      const pixels = train.slice(i, i + 1).x;
      let ink = 0;
      let border = 0;
      pixels.forEach((value, at) => {
        const [row, column] = [Math.floor(at / 28), at % 28];
        if (value > 128) ink++;
        if (row === 0 || row === 27 || column === 0 || column === 27) border = Math.max(border, value);
      });
      expect(ink).toBeGreaterThan(10);
      expect(ink).toBeLessThan(350);
      expect(border).toBeLessThan(230);
    }
  });

  it.each([
    [{ train: 0 }, /train is 0; expected an integer from 1/],
    [{ test: 1.5 }, /test is 1\.5/],
    [{ seed: -1 }, /seed is -1/],
  ])('refuses %j', (options, message) => {
    expect(() => makeDigits(options)).toThrow(message);
  });
});
