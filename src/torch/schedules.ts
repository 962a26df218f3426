/** Schedules as JSON with all options; functions as tables of their values. */
import { parseAttrs } from '../graph/ir/op';
import { type ScheduleSpec, scheduleOptions } from '../optim/schedule-options';
import { cyclesMomentum, scheduleTypeOf } from '../optim/schedule-types';
import type * as z from '../schema';
import type { StepSchedule } from '../train/rates';

/** Steps beyond the present for which the values of functions are recorded. */
const RECORDED = 10_000;

/**
 * @param rates the groups' own rates
 * @param steps updates so far
 */
export function scheduleForPython(
  schedule: StepSchedule | undefined,
  rates: readonly number[],
  steps: number,
): Record<string, unknown> | null {
  if (schedule === undefined) return null;
  const count = steps + RECORDED;
  if (typeof schedule === 'function') {
    const table = (rate: number) => Array.from({ length: count }, (_, i) => schedule(i, rate));
    return {
      type: 'function',
      tables: Object.fromEntries(rates.map((rate) => [String(rate), table(rate)])),
      cyclesMomentum: false,
    };
  }
  return { ...parsed(schedule, count), cyclesMomentum: cyclesMomentum(schedule) };
}

function parsed(spec: ScheduleSpec, count: number): Record<string, unknown> {
  const type = scheduleTypeOf(spec);
  const { type: _, ...given } = spec as { type: string } & Record<string, unknown>;
  const options = parseAttrs<z.ObjectSchema<any>>(type, scheduleOptions[type], given) as Record<
    string,
    unknown
  >;
  const entries = Object.entries(options).map(([name, value]) => {
    if (typeof value === 'function') return [name, Array.from({ length: count }, (_, i) => value(i))];
    if (name === 'schedulers') return [name, (value as ScheduleSpec[]).map((part) => parsed(part, count))];
    return [name, value];
  });
  return { type, ...Object.fromEntries(entries) };
}
