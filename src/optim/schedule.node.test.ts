/** Learning-rate schedules: PyTorch's numbers step by step, what lies beyond their end, and wrong options. */
import { describe, expect, it } from 'vitest';
import fixture from '../../e2e/goldens/fixtures/optim/schedules.json';
import { createSchedule, type ScheduleSpec, scheduleOptions } from './schedule';

const { baseRate, schedules } = fixture;

describe('rates are those of PyTorch', () => {
  it('for every schedule', () => {
    expect([...new Set(schedules.map(({ spec }) => spec.type))].sort()).toEqual(
      Object.keys(scheduleOptions).sort(),
    );
  });

  it.each(schedules.map(({ spec, rates }) => [JSON.stringify(spec), spec, rates] as const))(
    '%s',
    (_, spec, rates) => {
      const schedule = createSchedule(spec as ScheduleSpec);
      expect(rates.length).toBeGreaterThan(10);
      rates.forEach((rate, index) => {
        expect(schedule(index, baseRate), `step ${index}`).toBeCloseTo(rate, 14);
      });
    },
  );
});

describe('beyond its end', () => {
  it('warmupCosine stays at the least rate', () => {
    const schedule = createSchedule({ type: 'warmupCosine', warmupSteps: 2, totalSteps: 5, minLr: 0.01 });
    expect([5, 6, 1000].map((index) => schedule(index, 1))).toEqual([0.01, 0.01, 0.01]);
  });

  it('linearLR stays at its last factor', () => {
    const schedule = createSchedule({ type: 'linearLR', endFactor: 0.5, totalIters: 3 });
    expect([3, 4, 1000].map((index) => schedule(index, 2))).toEqual([1, 1, 1]);
  });

  it('warmupCosine may be warm-up alone', () => {
    const schedule = createSchedule({ type: 'warmupCosine', warmupSteps: 4, totalSteps: 4 });
    expect([0, 1, 2, 3].map((index) => schedule(index, 8))).toEqual([2, 4, 6, 8]);
    expect(schedule(5, 8)).toBe(0);
  });
});

describe('a specification', () => {
  it('is the constant rate when there is none, and takes types in any case', () => {
    expect(createSchedule()(7, 0.25)).toBe(0.25);
    expect(createSchedule({ type: 'STEPLR', stepSize: 1 } as unknown as ScheduleSpec)(1, 1)).toBe(0.1);
  });

  it.each([
    [
      { type: 'cosineAnealingLR', tMax: 3 },
      /schedule: type is "cosineAnealingLR".*Did you mean cosineAnnealingLR/,
    ],
    [{ type: 'stepLR' }, /stepLR: stepSize/],
    [{ type: 'stepLR', stepSize: 0 }, /stepLR: stepSize is 0/],
    [{ type: 'stepLR', stepSize: 2, gama: 1 }, /stepLR: gama.*Did you mean gamma/],
    [{ type: 'multiStepLR', milestones: [1.5] }, /multiStepLR: milestones/],
    [{ type: 'warmupCosine', warmupSteps: -1, totalSteps: 3 }, /warmupCosine: warmupSteps is -1/],
    [{ type: 'exponentialLR', gamma: 'fast' }, /exponentialLR: gamma is "fast"/],
  ])('that is wrong is refused: %j', (spec, message) => {
    expect(() => createSchedule(spec as unknown as ScheduleSpec)).toThrow(message);
  });
});
