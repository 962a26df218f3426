/** The batch size of a method of the trainer. */
import { checkCount } from '../checks';
import { GradloomError } from '../errors';
import type { TrainingData } from './types';

export const DEFAULT_BATCH = 32;

/**
 * The batch size asked for; by default 32, or all samples where there are fewer.
 * @throws GradloomError `argument` for what is no count, and for more than there are samples.
 */
export function batchSizeOf(op: string, data: TrainingData, asked: number | undefined): number {
  if (asked === undefined) return Math.min(DEFAULT_BATCH, data.length);
  checkCount(op, 'batchSize', asked);
  if (asked <= data.length) return asked;
  throw new GradloomError({
    code: 'argument',
    op,
    argument: 'batchSize',
    got: String(asked),
    expected: `at most ${data.length}, the number of samples in ${data.name}`,
  });
}
