// The workloads start from the same numbers everywhere.
import { describe, expect, it } from 'vitest';
import { makeStart, randomNumbers, sizeOf, stepFlops, workloads } from './workloads';

const named = (name: string) => workloads.find((workload) => workload.name === name)!;

describe('workloads', () => {
  it('draws the same numbers for the same seed, exact in float32', () => {
    const [a, b] = [randomNumbers(1), randomNumbers(1)];
    for (let i = 0; i < 100; i++) {
      const value = a();
      expect(value).toBe(b());
      expect(Math.fround(value)).toBe(value);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
    }
  });

  it.each(workloads.filter(({ large }) => !large))('$name has parameters and labels in range', (workload) => {
    const { parameters, x, y, classes } = makeStart(workload);
    for (const { shape, data } of parameters.values()) expect(data).toHaveLength(sizeOf(shape));
    expect(x.shape[0]).toBe(workload.batch);
    expect(x.data).toHaveLength(sizeOf(x.shape));
    expect(y.data.every((label) => label >= 0 && label < classes)).toBe(true);
  });

  it('counts the operations of dense layers and convolutions', () => {
    expect(stepFlops(named('mlp'))).toBe(3 * 64 * 2 * (784 * 256 + 256 * 128 + 128 * 10));
    const lenet = 2 * (150 * 784 + 2400 * 100 + 400 * 120 + 120 * 84 + 840);
    expect(stepFlops(named('lenet'))).toBe(3 * 16 * lenet);
  });
});
