/** Names of the schedules, which are checked before the schedules themselves are loaded, and what follows from a description alone. */
import { GradloomError } from '../errors';
import { typeNamed } from './type-name';

export const scheduleTypes = [
  'constant',
  'constantLR',
  'lambdaLR',
  'multiplicativeLR',
  'stepLR',
  'multiStepLR',
  'exponentialLR',
  'linearLR',
  'polynomialLR',
  'cosineAnnealingLR',
  'cosineAnnealingWarmRestarts',
  'oneCycleLR',
  'cyclicLR',
  'warmup',
  'warmupLinear',
  'warmupCosine',
  'sequentialLR',
  'chainedScheduler',
  'reduceLROnPlateau',
] as const;

export type ScheduleName = (typeof scheduleTypes)[number];

/** The type of a schedule's description. @throws GradloomError `argument` for what is none. */
export function scheduleTypeOf(spec: unknown): ScheduleName {
  if (typeof spec !== 'object' || spec === null || !('type' in spec)) {
    const got = typeof spec === 'object' ? JSON.stringify(spec) : String(spec);
    const expected = "{ type: 'stepLR', ... } or what createSchedule gives";
    throw new GradloomError({ code: 'argument', op: 'schedule', got, expected });
  }
  return typeNamed('schedule', spec.type, scheduleTypes);
}

/** Whether a schedule changes the momentum too, by its description. */
export function cyclesMomentum(spec: unknown): boolean {
  const name = scheduleTypeOf(spec);
  const { cycleMomentum = true, schedulers } = spec as { cycleMomentum?: unknown; schedulers?: unknown };
  if (name === 'oneCycleLR' || name === 'cyclicLR') return cycleMomentum === true;
  return Array.isArray(schedulers) && schedulers.some(cyclesMomentum);
}
