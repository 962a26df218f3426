/** Options of the schedules, with torch.optim.lr_scheduler's names, defaults and bounds. */
import * as z from '../schema';
import type { ScheduleName } from './schedule-types';

const count = z.int().positive();
const fromZero = z.number().min(0);
const share = fromZero.max(1);
const isFunction = (value: unknown) => typeof value === 'function';
const factorFunction: z.Schema<(index: number) => number> = z
  .any()
  .refine(isFunction, 'Invalid input: expected a function of the step number');
const gamma = z.number().default(0.1);
const list = z.array(z.any()).min(1);

/** Options by schedule. All count in optimizer steps, because the trainer advances the schedule once per step. */
export const scheduleOptions = {
  /** The base rate times `factor` throughout. */
  constant: z.strictObject({ factor: z.number().default(1) }),
  /** Times `factor` for totalIters steps, the base rate afterwards. */
  constantLR: z.strictObject({ factor: share.default(1 / 3), totalIters: z.int().min(0).default(5) }),
  /** The base rate times a function of the step number. */
  lambdaLR: z.strictObject({ lrLambda: factorFunction }),
  /** The rate before times a function of the step number. */
  multiplicativeLR: z.strictObject({ lrLambda: factorFunction }),
  /** Times gamma every stepSize steps. */
  stepLR: z.strictObject({ stepSize: count, gamma }),
  multiStepLR: z.strictObject({ milestones: z.array(z.int()), gamma }),
  exponentialLR: z.strictObject({ gamma: z.number() }),
  /** From startFactor to endFactor in totalIters steps. */
  linearLR: z.strictObject({
    startFactor: z
      .number()
      .gt(0)
      .max(1)
      .default(1 / 3),
    endFactor: share.default(1),
    totalIters: count.default(5),
  }),
  /** (1 - step / totalIters)^power. */
  polynomialLR: z.strictObject({ totalIters: count.default(5), power: z.number().default(1) }),
  /** From the base rate to etaMin along half a cosine over tMax steps, and back. */
  cosineAnnealingLR: z.strictObject({ tMax: count, etaMin: z.number().default(0) }),
  /** Half cosines of t0, t0 * tMult, t0 * tMult^2, ... steps, each from the base rate. */
  cosineAnnealingWarmRestarts: z.strictObject({
    t0: count,
    tMult: count.default(1),
    etaMin: z.number().default(0),
  }),
  /** Up to maxLr and down to next to nothing in totalSteps, or epochs * stepsPerEpoch; momentum the other way. */
  oneCycleLR: z.strictObject({
    maxLr: fromZero,
    totalSteps: count.optional(),
    epochs: count.optional(),
    stepsPerEpoch: count.optional(),
    pctStart: share.default(0.3),
    annealStrategy: z.enum(['cos', 'linear']).default('cos'),
    cycleMomentum: z.boolean().default(true),
    baseMomentum: share.default(0.85),
    maxMomentum: share.default(0.95),
    divFactor: z.number().gt(0).default(25),
    finalDivFactor: z.number().gt(0).default(1e4),
    threePhase: z.boolean().default(false),
  }),
  /** Between baseLr and maxLr and back; momentum the other way. */
  cyclicLR: z.strictObject({
    baseLr: fromZero,
    maxLr: fromZero,
    stepSizeUp: z.number().gt(0).default(2000),
    stepSizeDown: z.number().gt(0).optional(),
    mode: z.enum(['triangular', 'triangular2', 'exp_range']).default('triangular'),
    gamma: z.number().default(1),
    scaleFn: factorFunction.optional(),
    scaleMode: z.enum(['cycle', 'iterations']).default('cycle'),
    cycleMomentum: z.boolean().default(true),
    baseMomentum: share.default(0.8),
    maxMomentum: share.default(0.9),
  }),
  /** Linear warm-up over warmupSteps, then the base rate. */
  warmup: z.strictObject({ warmupSteps: z.int().min(0) }),
  /** Linear warm-up over warmupSteps, then linearly to minLr at totalSteps. */
  warmupLinear: z.strictObject({
    warmupSteps: z.int().min(0),
    totalSteps: count,
    minLr: z.number().default(0),
  }),
  /** Linear warm-up over warmupSteps, then half a cosine to minLr at totalSteps: the usual one for transformers. */
  warmupCosine: z.strictObject({
    warmupSteps: z.int().min(0),
    totalSteps: count,
    minLr: z.number().default(0),
  }),
  /** One schedule after the other, each from step 0 at its milestone. */
  sequentialLR: z.strictObject({ schedulers: list, milestones: z.array(count) }),
  /** All schedules at once, each on the rate that the one before leaves. */
  chainedScheduler: z.strictObject({ schedulers: list }),
  /** Times `factor` when the metric of `patience` epochs was no better; `monitor` names it (default: the validation loss, or the loss). */
  reduceLROnPlateau: z.strictObject({
    mode: z.enum(['min', 'max']).default('min'),
    factor: fromZero.lt(1).default(0.1),
    patience: z.int().min(0).default(10),
    threshold: z.number().default(1e-4),
    thresholdMode: z.enum(['rel', 'abs']).default('rel'),
    cooldown: z.int().min(0).default(0),
    minLr: fromZero.default(0),
    eps: fromZero.default(1e-8),
    monitor: z.string().optional(),
  }),
} satisfies Record<ScheduleName, z.ObjectSchema<any>>;

export type ScheduleType = keyof typeof scheduleOptions;
export type ScheduleOptions<T extends ScheduleType> = z.output<(typeof scheduleOptions)[T]>;
/** A schedule by name with its options. */
export type ScheduleSpec =
  | {
      [T in Exclude<ScheduleType, 'sequentialLR' | 'chainedScheduler'>]: { type: T } & z.input<
        (typeof scheduleOptions)[T]
      >;
    }[Exclude<ScheduleType, 'sequentialLR' | 'chainedScheduler'>]
  | { type: 'sequentialLR'; schedulers: ScheduleSpec[]; milestones: number[] }
  | { type: 'chainedScheduler'; schedulers: ScheduleSpec[] };
