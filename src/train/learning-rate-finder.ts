/**
 * Learning-rate finder: trains for some steps while the rate grows, and suggests the one at which the loss falls fastest
 * (Smith 2017, Cyclical Learning Rates for Training Neural Networks; as PyTorch Lightning's lr_find).
 */
import { checkCount, checkOptions } from '../checks';
import { GradloomError } from '../errors';
import type { Trainer } from './trainer';
import type { TrainingData } from './types';

export interface FindLearningRateOptions {
  /** The first rate. Default 1e-8. */
  minLr?: number;
  /** The last rate. Default 1. */
  maxLr?: number;
  /** Default 100. */
  steps?: number;
  batchSize?: number;
  /** Whether rates grow by a factor or by a difference from step to step. Default exponential. */
  mode?: 'exponential' | 'linear';
  /** Ends when the smoothed loss is so many times the least one; null never. Default 4. */
  stopAt?: number | null;
  /** Of the average of the loss, which is corrected for its start at 0. Default 0.98. */
  smoothing?: number;
}

export interface LearningRateCurve {
  rates: number[];
  /** Smoothed, by rate. */
  losses: number[];
  /** The rate at which the loss falls fastest; undefined where it never does, or where there are too few steps. */
  suggestion: number | undefined;
}

const OPTIONS: (keyof FindLearningRateOptions)[] = [
  'minLr',
  'maxLr',
  'steps',
  'batchSize',
  'mode',
  'stopAt',
  'smoothing',
];

/** Steps at the start, and at the end, that the suggestion leaves out. */
const SKIP_BEGIN = 10;
const SKIP_END = 1;

/**
 * Trains on shuffled batches with growing rates and puts everything back: weights, optimizer state, counters.
 * @throws GradloomError `argument` for options that are wrong.
 */
export async function findLearningRate(
  trainer: Trainer,
  data: TrainingData,
  options: FindLearningRateOptions = {},
): Promise<LearningRateCurve> {
  checkOptions('findLearningRate', options, OPTIONS);
  const { minLr = 1e-8, maxLr = 1, steps = 100, batchSize, mode = 'exponential' } = options;
  const { stopAt = 4, smoothing = 0.98 } = options;
  checkCount('findLearningRate', 'steps', steps);
  check('minLr', minLr, minLr > 0 && minLr < maxLr, 'a number above 0 and below maxLr');
  check('maxLr', maxLr, Number.isFinite(maxLr), 'a finite number');
  check('mode', mode, mode === 'exponential' || mode === 'linear', 'exponential or linear');
  check('stopAt', stopAt, stopAt === null || stopAt > 1, 'a number above 1, or null');
  check('smoothing', smoothing, smoothing >= 0 && smoothing < 1, 'a number from 0 to below 1');
  const rateAt = (step: number) => {
    const part = step / Math.max(1, steps - 1);
    return mode === 'exponential' ? minLr * (maxLr / minLr) ** part : minLr + (maxLr - minLr) * part;
  };
  const before = await trainer.checkpoint();
  const first = trainer.steps;
  const stop = new AbortController();
  const losses: number[] = [];
  let [average, least] = [0, Number.POSITIVE_INFINITY];
  const restoreRate = trainer.overrideRate((step) => rateAt(step - first));
  try {
    await trainer.fit(data, {
      epochs: 1,
      stepsPerEpoch: steps,
      batchSize,
      signal: stop.signal,
      onNaN: 'ignore',
      onStep({ loss }) {
        if (stop.signal.aborted) return;
        average = smoothing * average + (1 - smoothing) * loss;
        const smoothed = average / (1 - smoothing ** (losses.length + 1));
        const isLost = !Number.isFinite(smoothed) || (stopAt !== null && smoothed > stopAt * least);
        if (losses.length > 0 && isLost) stop.abort();
        else losses.push(smoothed);
        least = Math.min(least, smoothed);
      },
    });
  } finally {
    restoreRate();
    await trainer.restore(before);
  }
  return { rates: losses.map((_, step) => rateAt(step)), losses, suggestion: suggest(losses, rateAt) };
}

/** The rate where the slope is least, by central differences. */
function suggest(losses: readonly number[], rateAt: (step: number) => number): number | undefined {
  let [best, slope] = [-1, 0];
  for (let i = SKIP_BEGIN; i < losses.length - SKIP_END; i++) {
    const [from, to] = [Math.max(SKIP_BEGIN, i - 1), Math.min(losses.length - SKIP_END - 1, i + 1)];
    const here = (losses[to] - losses[from]) / (to - from);
    if (here < slope) [best, slope] = [i, here];
  }
  return best < 0 ? undefined : rateAt(best);
}

function check(argument: string, value: unknown, isRight: boolean, expected: string): void {
  if (isRight) return;
  throw new GradloomError({
    code: 'argument',
    op: 'findLearningRate',
    argument,
    got: String(value),
    expected,
  });
}
