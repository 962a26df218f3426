/** Learning-rate schedules: PyTorch's numbers step by step, what lies beyond their end, and wrong options. */
import { describe, expect, it } from 'vitest';
import fixture from '../../e2e/goldens/fixtures/optim/schedules.json';
import { createSchedule, type ScheduleSpec, scheduleOptions } from './schedule';
import { scheduleTypes } from './schedule-types';

const { baseRate, schedules, plateaus } = fixture;

/** The functions of optim.py. */
const FUNCTIONS: Record<string, (index: number) => number> = {
  inverse: (index) => 1 / (1 + index),
  bumpy: (index) => (index % 3 === 0 ? 1.1 : 0.9),
};

/** The description with functions for their names. */
function specOf(made: any): ScheduleSpec {
  const { lrLambda, schedulers } = made;
  return {
    ...made,
    ...(lrLambda && { lrLambda: FUNCTIONS[lrLambda] }),
    ...(schedulers && { schedulers: schedulers.map(specOf) }),
  };
}

const expectRates = (got: number[], wanted: number[]) =>
  wanted.forEach((rate, index) => {
    expect(Math.abs(got[index] - rate), `step ${index}: ${got[index]}, not ${rate}`).toBeLessThan(1e-12);
  });

describe('rates are those of PyTorch', () => {
  it('for every schedule', () => {
    expect([...new Set(schedules.map(({ spec }) => spec.type)), 'reduceLROnPlateau'].sort()).toEqual(
      Object.keys(scheduleOptions).sort(),
    );
    expect([...scheduleTypes].sort()).toEqual(Object.keys(scheduleOptions).sort());
  });

  it.each(schedules.map((made) => [JSON.stringify(made.spec), made] as const))(
    '%s',
    (_, { spec, rates, second, momentums }) => {
      const schedule = createSchedule(specOf(spec));
      const indices = rates.map((_, index) => index);
      expect(rates).toHaveLength(60);
      // Two groups in turn, and a step out of order.
      const first = indices.map((index) => {
        schedule(index, baseRate / 3);
        return schedule.at(index, { lr: baseRate, momentum: 0.7 });
      });
      expectRates(
        first.map(({ lr }) => lr),
        rates,
      );
      expectRates(
        indices.map((index) => schedule(index, baseRate / 3)),
        second,
      );
      expect(schedule.cyclesMomentum).toBe(momentums.length > 0);
      if (momentums.length > 0)
        expectRates(
          first.map(({ momentum }) => momentum!),
          momentums,
        );
      else expect(first.every(({ momentum }) => momentum === 0.7)).toBe(true);
      expect(schedule(7, baseRate)).toBeCloseTo(rates[7], 12);
    },
  );

  it.each(plateaus.map((made) => [JSON.stringify(made.options), made] as const))(
    'reduceLROnPlateau %s',
    (_, { options, metrics, rates }) => {
      const schedule = createSchedule({ type: 'reduceLROnPlateau', ...options } as ScheduleSpec);
      const got = metrics.map((metric) => {
        schedule.plateau!.step(Number(metric));
        return schedule(0, baseRate);
      });
      expectRates(got, rates);
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

it('has no rates beyond the steps of oneCycleLR', () => {
  const schedule = createSchedule({ type: 'oneCycleLR', maxLr: 1, totalSteps: 10 });
  expect(schedule.totalSteps).toBe(10);
  schedule(10, 1);
  expect(() => schedule(11, 1)).toThrow(/oneCycleLR: totalSteps is step 12.*at most 10 steps/);
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
    [{ type: 'constantLR', factor: 2 }, /constantLR: factor is 2/],
    [{ type: 'lambdaLR', lrLambda: 0.5 }, /lambdaLR: lrLambda is 0.5.*a function/],
    [{ type: 'linearLR', startFactor: 0 }, /linearLR: startFactor is 0/],
    [{ type: 'oneCycleLR', maxLr: 1 }, /oneCycleLR: totalSteps is missing/],
    [{ type: 'oneCycleLR', maxLr: 1, totalSteps: 10, pctStart: 1.2 }, /oneCycleLR: pctStart is 1.2/],
    [{ type: 'cyclicLR', baseLr: 0.1, maxLr: 1, mode: 'square' }, /cyclicLR: mode is "square"/],
    [{ type: 'reduceLROnPlateau', factor: 1 }, /reduceLROnPlateau: factor is 1/],
    [{ type: 'sequentialLR', schedulers: [], milestones: [] }, /sequentialLR: schedulers/],
    [
      { type: 'sequentialLR', schedulers: [{ type: 'constant' }], milestones: [3] },
      /sequentialLR: milestones is 1 of them.*0, one less/,
    ],
    [
      {
        type: 'sequentialLR',
        schedulers: [{ type: 'constant' }, { type: 'chainedScheduler', schedulers: [{ type: 'constant' }] }],
        milestones: [3],
      },
      /sequentialLR: schedulers\[1\] is chainedScheduler/,
    ],
    [{ type: 'chainedScheduler', schedulers: [{ type: 'stepLR' }] }, /stepLR: stepSize/],
    [null, /schedule: null; expected/],
    ['stepLR', /schedule: stepLR; expected/],
  ])('that is wrong is refused: %j', (spec, message) => {
    expect(() => createSchedule(spec as unknown as ScheduleSpec)).toThrow(message);
  });
});
