/** Random numbers on the host. */
import { describe, expect, it } from 'vitest';
import { Random } from './random';

describe('fillUniform', () => {
  it.each([0, 1, 3, 4, 7, 1001])(
    'gives the numbers of %i calls of uniform, from any place of the stream',
    (count) => {
      for (const before of [0, 1, 2]) {
        const [one, other] = [new Random(2 ** 40 + 3, 'w'), new Random(2 ** 40 + 3, 'w')];
        for (let i = 0; i < before; i++) expect(one.nextUint32()).toBe(other.nextUint32());
        const data = new Float32Array(count);
        one.fillUniform(data, -0.5, 2);
        expect([...data]).toEqual(Array.from({ length: count }, () => Math.fround(other.uniform(-0.5, 2))));
        expect(one.nextUint32()).toBe(other.nextUint32());
      }
    },
  );
});

describe('fillNormal', () => {
  const n = 400_000;
  const data = new Float32Array(n);
  new Random(1, 'weights').fillNormal(data, 2, 3);
  const z = data.map((value) => (value - 2) / 3);
  const mean = (f: (value: number) => number) => z.reduce((sum, value) => sum + f(value), 0) / n;

  it('has the moments of a normal distribution', () => {
    // Five standard errors of each moment.
    expect(Math.abs(mean((v) => v))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(mean((v) => v * v) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(mean((v) => v ** 3))).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(mean((v) => v ** 4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  });

  it.each([
    [0.5, 0.6914625],
    [1.5, 0.9331928],
    [-2.5, 0.0062097],
    [3.5, 0.9997674],
    [-3.6, 0.0001591],
  ])('lies below %f as often as it should', (bound, share) => {
    const below = z.filter((value) => value < bound).length / n;
    expect(Math.abs(below - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / n));
  });

  it('is the same for the same seed and stream, and another for others', () => {
    const draw = (seed: number, stream: string) => {
      const values = new Float32Array(8);
      new Random(seed, stream).fillNormal(values);
      return [...values];
    };
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  });
});
