/** What a trainer does about its schedule beside asking for rates: checks before it runs, metrics of epochs, checkpoints. */
import { GradloomError } from '../errors';
import { scheduleTypeOf } from '../optim/schedule-types';
import type { SectionState, StateSection } from './checkpoint/state';
import type { ScheduledRates, StepSchedule } from './rates';
import type { EpochInfo } from './types';

export class ScheduleWatch implements StateSection {
  /** State of a checkpoint that came before the schedule was loaded. */
  private restored: object | undefined;
  /** Epochs that are run again are told again. */
  readonly rewinds = true;

  constructor(private readonly rates: ScheduledRates) {
    rates.ready.then(
      () => this.take(),
      () => {},
    );
  }

  /**
   * Waits for the schedule and checks that it is for so many steps more, and for the metrics that there will be.
   * @throws GradloomError `argument`.
   */
  async check(steps: { done: number; more: number }, hasValidation?: boolean): Promise<void> {
    await this.rates.ready;
    const { totalSteps, plateau } = this.rates.schedule ?? {};
    const all = steps.done + steps.more;
    if (totalSteps !== undefined && all > totalSteps + 1) {
      throw new GradloomError({
        code: 'argument',
        op: 'oneCycleLR',
        argument: 'totalSteps',
        got: `${totalSteps}, for ${all} steps`,
        expected: 'as many steps as the training has',
      });
    }
    const monitor = plateau?.monitor;
    if (hasValidation === false && monitor?.startsWith('validation'))
      throw missing(monitor, 'Give fit validation data');
  }

  /** Passes an epoch's metric to the schedule. @throws GradloomError `argument` when it has no such metric. */
  afterEpoch(info: EpochInfo): void {
    const { plateau } = this.rates.schedule ?? {};
    if (!plateau) return;
    const { monitor = 'validationLoss' in info ? 'validationLoss' : 'loss' } = plateau;
    const metric = (info as unknown as Record<string, unknown>)[monitor];
    if (typeof metric !== 'number') throw missing(monitor, `There are ${Object.keys(info).join(', ')}`);
    plateau.step(metric);
  }

  save(): SectionState {
    return { values: this.rates.schedule?.plateau?.saved ?? null };
  }

  load({ values }: SectionState): void {
    this.restored = (values ?? undefined) as object | undefined;
    this.take();
  }

  private take(): void {
    const { plateau } = this.rates.schedule ?? {};
    if (!plateau || !this.restored) return;
    plateau.saved = this.restored;
    this.restored = undefined;
  }
}

/** Whether a schedule keeps more than the number of the step. */
export const scheduleHasState = (schedule: StepSchedule | undefined): boolean =>
  typeof schedule === 'function'
    ? 'plateau' in schedule && schedule.plateau !== undefined
    : schedule !== undefined && scheduleTypeOf(schedule) === 'reduceLROnPlateau';

const missing = (monitor: string, fix: string) =>
  new GradloomError({
    code: 'argument',
    op: 'reduceLROnPlateau',
    argument: 'monitor',
    got: JSON.stringify(monitor),
    expected: 'a metric of an epoch',
    fix,
  });
