/** Learning rates of a step: those of a schedule, or those given in their place. */
import { GradloomError, nearest } from '../errors';
import type { Optimizer } from '../optim/optimizer';
import type { Rates, Schedule, ScheduleSpec } from '../optim/schedule';
import { cyclesMomentum } from '../optim/schedule-types';

/** The learning rate of a group, from its own one, in place of that of the schedule. */
export type RateOf = (ownRate: number, optimizer: NamedRate) => number;

/** An optimizer's name and its own learning rate. */
export interface NamedRate {
  readonly name: string;
  readonly learningRate: number;
}

/** A schedule by name, of `createSchedule`, or a function of step number (from 0) and base rate. */
export type StepSchedule = ScheduleSpec | Schedule | ((index: number, baseRate: number) => number);

/** The rates of an optimizer's groups by the number of the step. */
export class ScheduledRates {
  /** The schedule, once it is loaded. */
  schedule: Schedule | undefined;
  /** Whether the schedule changes the momentum. */
  readonly cyclesMomentum: boolean;
  /** Resolves when the schedule is loaded. */
  readonly ready: Promise<void>;

  /** @throws GradloomError `argument` for what is no schedule. */
  constructor(schedule: StepSchedule | undefined) {
    this.cyclesMomentum = schedule !== undefined && changesMomentum(schedule);
    this.ready = this.load(schedule);
    this.ready.catch(() => {}); // whoever needs it hears of it
  }

  /** Learning rate and momentum of a group. */
  of({ learningRate, momentum }: Rated, index: number, rateOf?: (ownRate: number) => number): Rates {
    if (rateOf) return { lr: rateOf(learningRate), momentum };
    return this.schedule?.at(index, { lr: learningRate, momentum }) ?? { lr: learningRate, momentum };
  }

  private async load(schedule: StepSchedule | undefined): Promise<void> {
    if (typeof schedule === 'function') this.schedule = asSchedule(schedule);
    else if (schedule) this.schedule = (await import('../optim/schedule')).createSchedule(schedule);
  }
}

/** A schedule of a plain function of step number and base rate, or the schedule itself. */
function asSchedule(rate: Schedule | ((index: number, baseRate: number) => number)): Schedule {
  if ('at' in rate) return rate;
  const at = (index: number, own: Rates) => ({ ...own, lr: rate(index, own.lr) });
  return Object.assign((index: number, baseRate: number) => rate(index, baseRate), {
    at,
    cyclesMomentum: false,
  });
}

type Rated = Pick<Optimizer, 'learningRate' | 'momentum'>;

const changesMomentum = (schedule: StepSchedule): boolean =>
  typeof schedule === 'function' ? 'at' in schedule && schedule.cyclesMomentum : cyclesMomentum(schedule);

export const noMomentum = (type: string) =>
  new GradloomError({
    code: 'argument',
    op: 'schedule',
    argument: 'cycleMomentum',
    got: `true, with ${type}, which has no momentum`,
    expected: 'an optimizer with momentum or betas',
    fix: 'cycleMomentum: false',
  });

/** A learning rate in place of the optimizers' own: for all, or by optimizer name. Other groups keep their ratio to it. */
export type LearningRate = number | Record<string, number>;

/** @throws GradloomError `argument` for names that are no optimizer's and rates that are no numbers from 0. */
export function rateOf(lr: LearningRate | undefined, updaters: readonly NamedRate[]): RateOf | undefined {
  if (lr === undefined) return undefined;
  const names = updaters.map(({ name }) => name);
  const given = typeof lr === 'object' ? lr : Object.fromEntries(names.map((name) => [name, lr]));
  for (const [name, rate] of Object.entries(given)) {
    if (names.includes(name) && rate >= 0 && rate < Number.POSITIVE_INFINITY) continue;
    const near = nearest(name, names);
    throw new GradloomError({
      code: 'argument',
      op: 'TrainStep',
      argument: 'lr',
      got: `${JSON.stringify(name)}: ${rate}`,
      expected: `a finite number from 0 for ${names.join(', ')}`,
      fix: near && !names.includes(name) ? `Did you mean ${near}?` : undefined,
    });
  }
  return (ownRate, { name, learningRate }) => {
    if (!(name in given)) return ownRate;
    return learningRate === 0 ? given[name] : (ownRate * given[name]) / learningRate;
  };
}
