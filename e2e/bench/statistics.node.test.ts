// Summaries of measurements, and which rows count as wrong.
import { describe, expect, it } from 'vitest';
import type { Outcome } from './hosts';
import { judge } from './results';
import { agrees, middle, quantile, summarize } from './statistics';

describe('statistics', () => {
  it('interpolates quantiles between neighbours', () => {
    expect(quantile([5], 0.25)).toBe(5);
    expect(quantile([1, 2], 0.5)).toBe(1.5);
    expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2);
    expect(quantile([0, 10], 1)).toBe(10);
  });

  it('summarizes whatever the order', () => {
    expect(summarize([4, 1, 3, 2, 5])).toEqual({ median: 3, low: 2, high: 4, count: 5 });
  });

  it('takes a middle that was measured', () => {
    expect(middle([3, 1, 2])).toBe(2);
    expect(middle([4, 1])).toBe(1);
  });

  it('compares absolutely below 1 and relatively above', () => {
    expect(agrees(1e-5, 9e-5)).toBe(true);
    expect(agrees(0.5, 0.5002)).toBe(false);
    expect(agrees(100, 100.009)).toBe(true);
    expect(agrees(Number.NaN, 1)).toBe(false);
  });
});

describe('judge', () => {
  const row = (library: string, losses: [number, number][]) => ({
    workload: 'mlp',
    library,
    outcome: { measured: { losses } } as unknown as Outcome,
  });

  it('marks the row that differs from the others after as many updates', () => {
    const rows = judge([
      row('a', [
        [0, 2.3],
        [10, 1.5],
      ]),
      row('b', [
        [0, 2.3],
        [10, 1.6],
      ]),
      row('c', [
        [0, 2.3],
        [10, 1.50001],
        [30, 0.7],
      ]),
    ]);
    expect(rows.map(({ right }) => right)).toEqual([true, false, true]);
  });

  it('leaves rows without a measurement', () => {
    const [judged] = judge([{ workload: 'gpt', library: 'a', outcome: { failed: 'no kernel' } }]);
    expect(judged.outcome).toEqual({ failed: 'no kernel' });
  });
});
