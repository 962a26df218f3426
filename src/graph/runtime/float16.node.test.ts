/** Conversion to float16 and back: every bit pattern, and what lies between two of them. */
import { describe, expect, it } from 'vitest';
import { fromHalf, halfBits, halfValue, toHalf } from './float16';

describe('float16', () => {
  it('comes back from its value, whatever its bits', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const isNotANumber = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      expect(halfBits(halfValue(bits))).toBe(isNotANumber ? 0x7e00 : bits);
    }
  });

  it.each([
    ['halves go to the even neighbour', 1 + 2 ** -11, 1],
    ['halves go to the even neighbour, upwards', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['more than a half goes up', 1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    ['into the next power of two', 2 - 2 ** -12, 2],
    ['below the least subnormal', 2 ** -25, 0],
    ['nearest to the least subnormal', 1.1 * 2 ** -25, 2 ** -24],
    ['the largest', 65519, 65504],
    ['beyond the largest', 65520, Number.POSITIVE_INFINITY],
    ['beyond the largest, negative', -1e30, Number.NEGATIVE_INFINITY],
    ['the sign of zero', -1e-30, -0],
    ['NaN', Number.NaN, Number.NaN],
  ])('%s', (_, value, rounded) => expect(halfValue(halfBits(value))).toBe(rounded));

  it('fills up to whole words', () => {
    expect(Array.from(toHalf([1, 2, 3]))).toEqual([0x3c00, 0x4000, 0x4200, 0]);
    expect(Array.from(fromHalf(toHalf([1, -2])))).toEqual([1, -2]);
  });
});
