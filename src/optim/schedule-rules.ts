/**
 * How schedules go from one step to the next, as torch.optim.lr_scheduler does: from the rate that the group has now, so
 * that schedules can be chained. `restart` is the closed form by which SequentialLR begins a schedule.
 */
import type { ScheduleOptions, ScheduleType } from './schedule-options';

/** A parameter group as schedules see it. */
export interface ScheduledGroup {
  lr: number;
  /** The rate that the first schedule found. */
  initialLr?: number;
  momentum?: number;
}

/** A schedule at work. */
export interface Progress {
  readonly group: ScheduledGroup;
  /** The group's initial rate. */
  base: number;
  /** Number of the step. */
  epoch: number;
  /** Calls so far, the first included. */
  calls: number;
  /** Of cosineAnnealingWarmRestarts: steps since the last restart, and between restarts. */
  since: number;
  period: number;
}

export interface ScheduleRule<O> {
  /** Effect of construction on the group, before its first step. */
  begin?(options: O, progress: Progress): void;
  next(options: O, progress: Progress): number;
  restart?(options: O, progress: Progress): number;
}

type Simple = Exclude<ScheduleType, 'sequentialLR' | 'chainedScheduler' | 'reduceLROnPlateau'>;

const halfCosine = (progress: number) => (1 + Math.cos(Math.PI * progress)) / 2;
const closed = <O>(rate: (options: O, progress: Progress) => number): ScheduleRule<O> => ({
  next: rate,
  restart: rate,
});

/** Warm-up to the base rate, then `after` of the share of the remaining steps that are over. */
const warmedUp = (after: (progress: number) => number) =>
  closed(
    (
      { warmupSteps, totalSteps, minLr }: ScheduleOptions<'warmupCosine'>,
      { base, epoch }: Progress,
    ): number => {
      if (epoch < warmupSteps) return (base * (epoch + 1)) / warmupSteps;
      const progress = Math.min(1, (epoch - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
      return minLr + (base - minLr) * after(progress);
    },
  );

export const scheduleRules: { [T in Simple]: ScheduleRule<ScheduleOptions<T>> } = {
  constant: closed(({ factor }, { base }) => base * factor),
  constantLR: {
    next({ factor, totalIters }, { group: { lr }, base, epoch }) {
      if (epoch === 0) return lr * factor;
      if (epoch !== totalIters) return lr;
      return factor === 0 ? base : lr / factor;
    },
    restart: ({ factor, totalIters }, { base, epoch }) => base * (epoch >= totalIters ? 1 : factor),
  },
  lambdaLR: { next: ({ lrLambda }, { base, epoch }) => base * lrLambda(epoch) },
  multiplicativeLR: {
    next: ({ lrLambda }, { group: { lr }, epoch }) => (epoch > 0 ? lr * lrLambda(epoch) : lr),
  },
  stepLR: {
    next: ({ stepSize, gamma }, { group: { lr }, epoch }) =>
      epoch === 0 || epoch % stepSize !== 0 ? lr : lr * gamma,
    restart: ({ stepSize, gamma }, { base, epoch }) => base * gamma ** Math.floor(epoch / stepSize),
  },
  multiStepLR: {
    next: ({ milestones, gamma }, { group: { lr }, epoch }) =>
      lr * gamma ** milestones.filter((milestone) => milestone === epoch).length,
    restart: ({ milestones, gamma }, { base, epoch }) =>
      base * gamma ** milestones.filter((milestone) => milestone <= epoch).length,
  },
  exponentialLR: {
    next: ({ gamma }, { group: { lr }, epoch }) => (epoch === 0 ? lr : lr * gamma),
    restart: ({ gamma }, { base, epoch }) => base * gamma ** epoch,
  },
  linearLR: {
    next({ startFactor, endFactor, totalIters }, { group: { lr }, epoch }) {
      if (epoch === 0) return lr * startFactor;
      if (epoch > totalIters) return lr;
      const change = endFactor - startFactor;
      return lr * (1 + change / (totalIters * startFactor + (epoch - 1) * change));
    },
    restart: ({ startFactor, endFactor, totalIters }, { base, epoch }) =>
      base * (startFactor + ((endFactor - startFactor) * Math.min(totalIters, epoch)) / totalIters),
  },
  polynomialLR: {
    next({ totalIters, power }, { group: { lr }, epoch }) {
      if (epoch === 0 || epoch > totalIters) return lr;
      return lr * ((1 - epoch / totalIters) / (1 - (epoch - 1) / totalIters)) ** power;
    },
    restart: ({ totalIters, power }, { base, epoch }) =>
      base * (1 - Math.min(totalIters, epoch) / totalIters) ** power,
  },
  cosineAnnealingLR: {
    next({ tMax, etaMin }, { group: { lr }, base, epoch, calls }) {
      if (epoch === 0) return lr;
      if (calls === 1) return etaMin + (base - etaMin) * halfCosine(epoch / tMax);
      if ((epoch - 1 - tMax) % (2 * tMax) === 0)
        return lr + ((base - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2;
      return (halfCosine(epoch / tMax) / halfCosine((epoch - 1) / tMax)) * (lr - etaMin) + etaMin;
    },
    restart: ({ tMax, etaMin }, { base, epoch }) => etaMin + (base - etaMin) * halfCosine(epoch / tMax),
  },
  cosineAnnealingWarmRestarts: {
    next({ t0, tMult, etaMin }, progress) {
      if (progress.epoch === 0) [progress.since, progress.period] = [0, t0];
      else if (++progress.since >= progress.period) {
        progress.since -= progress.period;
        progress.period *= tMult;
      }
      return etaMin + (progress.base - etaMin) * halfCosine(progress.since / progress.period);
    },
  },
  oneCycleLR: {
    begin({ maxLr, divFactor, cycleMomentum, maxMomentum }, { group }) {
      group.initialLr = maxLr / divFactor;
      if (cycleMomentum) group.momentum = maxMomentum;
    },
    next(options, { group, epoch }) {
      const { maxLr, divFactor, finalDivFactor, cycleMomentum, baseMomentum, maxMomentum } = options;
      const { pctStart, threePhase, annealStrategy } = options;
      const total = totalStepsOf(options);
      const initial = maxLr / divFactor;
      const up = { end: pctStart * total - 1, lr: [initial, maxLr], momentum: [maxMomentum, baseMomentum] };
      const down = [maxLr, initial / finalDivFactor];
      const phases = threePhase
        ? [
            up,
            { end: 2 * pctStart * total - 2, lr: [maxLr, initial], momentum: [baseMomentum, maxMomentum] },
            { end: total - 1, lr: [initial, down[1]], momentum: [maxMomentum, maxMomentum] },
          ]
        : [up, { end: total - 1, lr: down, momentum: [baseMomentum, maxMomentum] }];
      const found = phases.findIndex(({ end }) => epoch <= end);
      const at = found < 0 ? phases.length - 1 : found;
      const start = at === 0 ? 0 : phases[at - 1].end;
      const { end, lr, momentum } = phases[at];
      const part = end === start ? 1 : (epoch - start) / (end - start);
      const anneal = ([from, to]: number[]) =>
        annealStrategy === 'cos' ? to + (from - to) * halfCosine(part) : (to - from) * part + from;
      if (cycleMomentum) group.momentum = anneal(momentum);
      return anneal(lr);
    },
  },
  cyclicLR: {
    begin({ baseLr, cycleMomentum, baseMomentum }, { group }) {
      group.lr = baseLr;
      if (cycleMomentum) group.momentum = baseMomentum;
    },
    next(options, { group, epoch }) {
      const { baseLr, maxLr, stepSizeUp, stepSizeDown = stepSizeUp, mode, gamma, scaleFn } = options;
      const { scaleMode, cycleMomentum, baseMomentum, maxMomentum } = options;
      const total = stepSizeUp + stepSizeDown;
      const ratio = stepSizeUp / total;
      const cycle = Math.floor(1 + epoch / total);
      const x = 1 + epoch / total - cycle;
      const height = x <= ratio ? x / ratio : (x - 1) / (ratio - 1);
      const own = { triangular: 1, triangular2: 1 / 2 ** (cycle - 1), exp_range: gamma ** epoch };
      const scale = height * (scaleFn ? scaleFn(scaleMode === 'cycle' ? cycle : epoch) : own[mode]);
      if (cycleMomentum) group.momentum = maxMomentum - (maxMomentum - baseMomentum) * scale;
      return baseLr + (maxLr - baseLr) * scale;
    },
  },
  warmup: {
    next({ warmupSteps }, { group: { lr }, epoch }) {
      if (epoch >= warmupSteps) return lr;
      return epoch === 0 ? lr / warmupSteps : (lr * (epoch + 1)) / epoch;
    },
    restart: ({ warmupSteps }, { base, epoch }) =>
      warmupSteps === 0 ? base : base * Math.min(1, (epoch + 1) / warmupSteps),
  },
  warmupLinear: warmedUp((progress) => 1 - progress),
  warmupCosine: warmedUp(halfCosine),
};

/** Steps of a cycle of oneCycleLR. */
export const totalStepsOf = ({ totalSteps, epochs, stepsPerEpoch }: ScheduleOptions<'oneCycleLR'>): number =>
  totalSteps ?? epochs! * stepsPerEpoch!;
