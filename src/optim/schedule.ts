/** Learning-rate schedules, as factors on the base rate by step; torch.optim.lr_scheduler's names. */
import { parseAttrs } from '../graph/ir/op';
import * as z from '../schema';
import { typeNamed } from './type-name';

const count = z.int().positive();

/** Options by schedule. All count in optimizer steps, because the trainer advances the schedule once per step. */
export const scheduleOptions = {
  /** The base rate times `factor` throughout. */
  constant: z.strictObject({ factor: z.number().default(1) }),
  /** Times gamma every stepSize steps. */
  stepLR: z.strictObject({ stepSize: count, gamma: z.number().default(0.1) }),
  multiStepLR: z.strictObject({ milestones: z.array(z.int()), gamma: z.number().default(0.1) }),
  exponentialLR: z.strictObject({ gamma: z.number() }),
  /** From the base rate to etaMin along half a cosine over tMax steps. */
  cosineAnnealingLR: z.strictObject({ tMax: count, etaMin: z.number().default(0) }),
  /** From startFactor to endFactor in totalIters steps. */
  linearLR: z.strictObject({
    startFactor: z.number().default(1 / 3),
    endFactor: z.number().default(1),
    totalIters: count.default(5),
  }),
  /** Linear warm-up over warmupSteps, then half a cosine to minLr at totalSteps: the usual one for transformers. */
  warmupCosine: z.strictObject({
    warmupSteps: z.int().min(0),
    totalSteps: count,
    minLr: z.number().default(0),
  }),
};

export type ScheduleType = keyof typeof scheduleOptions;
export type ScheduleSpec = {
  [T in ScheduleType]: { type: T } & z.input<(typeof scheduleOptions)[T]>;
}[ScheduleType];

/** The learning rate of step `index` (from 0) for a base rate. */
export type Schedule = (index: number, baseRate: number) => number;

/** @throws GradloomError for unknown types and options. */
export function createSchedule(spec: ScheduleSpec = { type: 'constant' }): Schedule {
  const { type, ...options } = spec;
  const known = Object.keys(scheduleOptions) as ScheduleType[];
  const name = typeNamed('schedule', type, known);
  const parse = <T extends ScheduleType>(key: T) =>
    parseAttrs(key, scheduleOptions[key], options) as z.output<(typeof scheduleOptions)[T]>;
  const halfCosine = (progress: number) => (1 + Math.cos(Math.PI * progress)) / 2;
  switch (name) {
    case 'constant': {
      const { factor } = parse('constant');
      return (_, rate) => rate * factor;
    }
    case 'stepLR': {
      const { stepSize, gamma } = parse('stepLR');
      return (index, rate) => rate * gamma ** Math.floor(index / stepSize);
    }
    case 'multiStepLR': {
      const { milestones, gamma } = parse('multiStepLR');
      return (index, rate) => rate * gamma ** milestones.filter((milestone) => milestone <= index).length;
    }
    case 'exponentialLR': {
      const { gamma } = parse('exponentialLR');
      return (index, rate) => rate * gamma ** index;
    }
    case 'cosineAnnealingLR': {
      const { tMax, etaMin } = parse('cosineAnnealingLR');
      return (index, rate) => etaMin + (rate - etaMin) * halfCosine(index / tMax);
    }
    case 'linearLR': {
      const { startFactor, endFactor, totalIters } = parse('linearLR');
      return (index, rate) =>
        rate * (startFactor + ((endFactor - startFactor) * Math.min(index, totalIters)) / totalIters);
    }
    case 'warmupCosine': {
      const { warmupSteps, totalSteps, minLr } = parse('warmupCosine');
      return (index, rate) => {
        if (index < warmupSteps) return (rate * (index + 1)) / warmupSteps;
        const progress = Math.min(1, (index - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
        return minLr + (rate - minLr) * halfCosine(progress);
      };
    }
  }
}
