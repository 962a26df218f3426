/** The metric of an epoch that a callback follows. */
import { GradloomError } from '../../errors';
import type { EpochInfo } from '../types';

/** The metric `monitor`; by default the validation loss, or the loss. @throws GradloomError `argument` where there is none. */
export function metricOf(op: string, info: EpochInfo, monitor: string | undefined): number {
  const name = monitor ?? ('validationLoss' in info ? 'validationLoss' : 'loss');
  const value = (info as unknown as Record<string, unknown>)[name];
  if (typeof value === 'number') return value;
  throw new GradloomError({
    code: 'argument',
    op,
    argument: 'monitor',
    got: JSON.stringify(name),
    expected: 'a metric of an epoch',
    fix: `There are ${Object.keys(info).join(', ')}`,
  });
}
