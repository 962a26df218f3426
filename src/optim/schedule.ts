/** Learning-rate schedules by name: torch.optim.lr_scheduler's, step by step. */
import { GradloomError } from '../errors';
import { parseAttrs } from '../graph/ir/op';
import type * as z from '../schema';
import { Plateau } from './plateau';
import {
  type ScheduleOptions,
  type ScheduleSpec,
  type ScheduleType,
  scheduleOptions,
} from './schedule-options';
import {
  type Progress,
  type ScheduledGroup,
  type ScheduleRule,
  scheduleRules,
  totalStepsOf,
} from './schedule-rules';
import { cyclesMomentum, scheduleTypeOf } from './schedule-types';

export { type ScheduleSpec, type ScheduleType, scheduleOptions } from './schedule-options';

/** Rates of a parameter group: its own ones, or those of a step. */
export interface Rates {
  lr: number;
  /** Momentum, or the first beta. */
  momentum?: number;
}

/** The learning rate of step `index` (from 0) for a base rate; and momentum too, where a schedule changes it. */
export interface Schedule {
  (index: number, baseRate: number): number;
  /** Learning rate and momentum of step `index` for a group's own ones. */
  at(index: number, own: Rates): Rates;
  readonly cyclesMomentum: boolean;
  /** Steps after which there are no rates any more, as of oneCycleLR. */
  readonly totalSteps?: number;
  /** Of reduceLROnPlateau: takes the metric of an epoch. */
  readonly plateau?: Plateau;
}

/** @throws GradloomError for unknown types and options. */
export function createSchedule(spec: ScheduleSpec = { type: 'constant' }): Schedule {
  const plateau = scheduleTypeOf(spec) === 'reduceLROnPlateau' ? plateauOf(spec) : undefined;
  const parsed = plateau ? undefined : parse(spec);
  const runs = new Map<string, Run>();
  const at = (index: number, own: Rates): Rates => {
    if (!parsed) return { lr: plateau!.rate(own.lr), momentum: own.momentum };
    const key = `${own.lr} ${own.momentum}`;
    let run = runs.get(key);
    if (!run || run.index > index) {
      run = new Run(parsed, own);
      runs.set(key, run);
    }
    return run.advanceTo(index);
  };
  return Object.assign((index: number, baseRate: number) => at(index, { lr: baseRate }).lr, {
    at,
    cyclesMomentum: cyclesMomentum(spec),
    totalSteps: parsed && limitOf(parsed),
    plateau,
  });
}

function plateauOf({ type: _, ...options }: ScheduleSpec): Plateau {
  return new Plateau(options as ConstructorParameters<typeof Plateau>[0]);
}

type Parsed = { type: ScheduleType; options: any; parts: Parsed[] };

const COMPOSED = ['sequentialLR', 'chainedScheduler', 'reduceLROnPlateau'];

function parse(spec: ScheduleSpec): Parsed {
  const type = scheduleTypeOf(spec);
  const { type: _, ...given } = spec as { type: string } & Record<string, unknown>;
  const options = parseAttrs<z.ObjectSchema<any>>(type, scheduleOptions[type], given) as any;
  const fail = (argument: string, got: string, expected: string) =>
    new GradloomError({ code: 'argument', op: type, argument, got, expected });
  if (type === 'oneCycleLR') {
    const { totalSteps, epochs, stepsPerEpoch } = options as ScheduleOptions<'oneCycleLR'>;
    if (totalSteps === undefined && (epochs === undefined || stepsPerEpoch === undefined))
      throw fail('totalSteps', 'missing', 'totalSteps, or epochs and stepsPerEpoch');
  }
  const parts = ((options.schedulers ?? []) as ScheduleSpec[]).map((part, i) => {
    const inner = scheduleTypeOf(part);
    const within = type === 'sequentialLR' ? COMPOSED : COMPOSED.slice(2);
    if (within.includes(inner)) throw fail(`schedulers[${i}]`, inner, 'a schedule that goes step by step');
    return parse(part);
  });
  const { milestones } = options as { milestones: number[] };
  if (type === 'sequentialLR') {
    if (milestones.length !== parts.length - 1)
      throw fail(
        'milestones',
        `${milestones.length} of them`,
        `${parts.length - 1}, one less than schedulers`,
      );
    if (milestones.some((milestone, i) => i > 0 && milestone <= milestones[i - 1]))
      throw fail('milestones', `[${milestones}]`, 'milestones in ascending order');
  }
  return { type, options, parts };
}

/** Steps for which a schedule has rates. */
function limitOf({ type, options, parts }: Parsed): number | undefined {
  if (type === 'oneCycleLR') return totalStepsOf(options);
  if (type !== 'chainedScheduler') return undefined;
  const limits = parts.map(limitOf).filter((limit) => limit !== undefined);
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** A schedule that changes a group step by step; made, it has taken its first step. */
interface Stepper {
  step(): void;
}

class Single implements Stepper {
  private readonly progress: Progress;
  private readonly rule: ScheduleRule<unknown>;

  constructor(
    private readonly parsed: Parsed,
    group: ScheduledGroup,
  ) {
    this.rule = scheduleRules[parsed.type as keyof typeof scheduleRules] as ScheduleRule<unknown>;
    this.progress = { group, base: 0, epoch: -1, calls: 0, since: -1, period: 0 };
    this.rule.begin?.(parsed.options, this.progress);
    group.initialLr ??= group.lr;
    this.progress.base = group.initialLr;
    this.step();
  }

  step(): void {
    const { progress, parsed } = this;
    progress.calls++;
    progress.epoch++;
    this.checkLimit();
    progress.group.lr = this.rule.next(parsed.options, progress);
  }

  /** Begins anew, as PyTorch's `step(0)` does. */
  restart(): void {
    const { progress, rule, parsed } = this;
    progress.calls++;
    progress.epoch = 0;
    progress.group.lr = (rule.restart ?? rule.next)(parsed.options, progress);
  }

  /** Takes back the step that making it took. */
  undo(): void {
    this.progress.epoch--;
  }

  /** The first step, of the first schedule in a sequence. */
  first(): void {
    this.progress.calls = 0;
    this.step();
  }

  private checkLimit(): void {
    const { parsed, progress } = this;
    const limit = limitOf(parsed);
    if (limit === undefined || progress.epoch <= limit) return;
    throw new GradloomError({
      code: 'argument',
      op: parsed.type,
      argument: 'totalSteps',
      got: `step ${progress.epoch + 1}`,
      expected: `at most ${limit} steps`,
      fix: 'Give it as many steps as the training has',
    });
  }
}

class Sequence implements Stepper {
  private readonly parts: Single[];
  private readonly milestones: number[];
  private epoch = 0;

  constructor({ parts, options }: Parsed, group: ScheduledGroup) {
    this.milestones = options.milestones;
    this.parts = parts.map((part) => new Single(part, group));
    group.lr = group.initialLr!;
    for (const part of this.parts) part.undo();
    this.parts[0].first();
  }

  step(): void {
    this.epoch++;
    const at = this.milestones.filter((milestone) => milestone <= this.epoch).length;
    if (at > 0 && this.milestones[at - 1] === this.epoch) this.parts[at].restart();
    else this.parts[at].step();
  }
}

class Chain implements Stepper {
  private readonly parts: Stepper[];
  constructor({ parts }: Parsed, group: ScheduledGroup) {
    this.parts = parts.map((part) => stepperOf(part, group));
  }
  step(): void {
    for (const part of this.parts) part.step();
  }
}

function stepperOf(parsed: Parsed, group: ScheduledGroup): Stepper {
  if (parsed.type === 'sequentialLR') return new Sequence(parsed, group);
  return parsed.type === 'chainedScheduler' ? new Chain(parsed, group) : new Single(parsed, group);
}

/** A schedule of one group, at step `index`. */
class Run {
  index = 0;
  private readonly group: ScheduledGroup;
  private readonly stepper: Stepper;

  constructor(parsed: Parsed, own: Rates) {
    this.group = { ...own };
    this.stepper = stepperOf(parsed, this.group);
  }

  advanceTo(index: number): Rates {
    for (; this.index < index; this.index++) this.stepper.step();
    return { lr: this.group.lr, momentum: this.group.momentum };
  }
}
