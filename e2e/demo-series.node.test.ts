// The demo's curves: bounded in length, true to what was added.
import { expect, it } from 'vitest';
import { Series } from '../demos/digits/series';

it('keeps every value while there are few', () => {
  const series = new Series(8);
  for (const [i, value] of [4, 2, 3].entries()) series.add(i + 1, value);
  expect(series.steps).toEqual([1, 2, 3]);
  expect(series.values).toEqual([4, 2, 3]);
  expect(series.smooth[0]).toBeCloseTo(4, 12);
  expect(series.latest).toBe(series.smooth[2]);
  expect(series.latest).toBeGreaterThan(2);
  expect(series.latest).toBeLessThan(4);
});

it('merges neighbours into their mean instead of growing without end', () => {
  const series = new Series(8);
  for (let step = 1; step <= 1024; step++) series.add(step, step);
  expect(series.steps.length).toBeLessThan(8);
  expect(series.steps.length).toBeGreaterThanOrEqual(4);
  const stride = series.steps[1] - series.steps[0];
  // A point stands for the `stride` steps up to its own.
  series.steps.forEach((step, i) => {
    expect(series.values[i]).toBe(step - (stride - 1) / 2);
  });
  // The moving average lags behind a rising line by decay / (1 - decay) steps.
  expect(series.latest).toBeCloseTo(1024 - 0.92 / 0.08, 6);
});

it('starts anew after clear', () => {
  const series = new Series(8);
  for (let step = 1; step <= 100; step++) series.add(step, 5);
  series.clear();
  expect(series.latest).toBeUndefined();
  series.add(1, 1);
  series.add(2, 1);
  expect(series.steps).toEqual([1, 2]);
  expect(series.smooth[1]).toBeCloseTo(1, 12);
});
