/** Averages of weights: exponential moving averages, and equal ones as of stochastic weight averaging. */
import { GradloomError } from '../errors';
import { parseAttrs } from '../graph/ir/op';
import * as z from '../schema';

const cadence = {
  /** Updates before the first one that is averaged. Default 0. */
  start: z.int().min(0).default(0),
  /** Updates from one that is averaged to the next. Default 1. */
  every: z.int().min(1).default(1),
};
const emaSchema = z.strictObject({
  decay: z.number().min(0).max(1).default(0.999),
  /** A decay of at most (1 + n) / (10 + n) after n averages, so that the first weights are soon forgotten. */
  warmup: z.boolean().default(false),
  ...cadence,
});
const swaSchema = z.strictObject(cadence);

/** Exponential moving average: `average = decay * average + (1 - decay) * weights` after every `every`-th update past `start`. */
export type EmaOptions = z.input<typeof emaSchema>;
/** Equal average of the weights after every `every`-th update past `start`, as torch.optim.swa_utils.AveragedModel. */
export type SwaOptions = z.input<typeof swaSchema>;

/** Which average of the weights an optimizer keeps; at most one of the two. */
export interface AverageOptions {
  /** A number is the decay. */
  ema?: EmaOptions | number;
  swa?: SwaOptions;
}

/** Name of the average among what is kept of a parameter. */
export const AVERAGE = 'average';

export interface Average {
  /** Weight of the new values in the average, after update `index` (from 0) with `count` averages before: 0 leaves it. */
  weightAt(index: number, count: number): number;
}

/**
 * The average that the options ask for. As in PyTorch, the first one is the weights themselves.
 * @throws GradloomError `argument` for unknown options, and for both kinds at once.
 */
export function averageOf({ ema, swa }: AverageOptions): Average | undefined {
  if (ema !== undefined && swa !== undefined) {
    throw new GradloomError({
      code: 'argument',
      op: 'swa',
      got: 'given with ema',
      expected: 'one average of the weights',
    });
  }
  if (ema !== undefined) {
    const given = typeof ema === 'number' ? { decay: ema } : ema;
    const { decay, warmup, ...when } = parseAttrs('ema', emaSchema, given);
    const weight = (n: number) => 1 - (warmup ? Math.min(decay, (1 + n) / (10 + n)) : decay);
    return averaging(when, weight);
  }
  if (swa !== undefined) return averaging(parseAttrs('swa', swaSchema, swa), (n) => 1 / (n + 1));
  return undefined;
}

function averaging({ start, every }: z.output<typeof swaSchema>, weight: (count: number) => number): Average {
  return {
    weightAt(index, count) {
      const past = index + 1 - start;
      if (past <= 0 || past % every !== 0) return 0;
      return count === 0 ? 1 : weight(count);
    },
  };
}
